"""Somebody who watches: keeps every event that the tournament's socket sends, in order."""

import json
import threading
from contextlib import ExitStack
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from demo.api import Json, Problem


class Spectator:
    def __init__(self, base_url: str, tournament_id: int) -> None:
        url = urlsplit(base_url)
        scheme = "wss" if url.scheme == "https" else "ws"
        self._url = f"{scheme}://{url.netloc}/ws/tournaments/{tournament_id}/?since=0"
        self._origin = Origin(f"{url.scheme}://{url.netloc}")
        self._arrived = threading.Condition()
        self._open = ExitStack()
        self.events: list[Json] = []
        self.messages = 0
        self.fault = ""
        self._stopped = False

    def start(self) -> None:
        try:
            socket = self._open.enter_context(
                connect(self._url, origin=self._origin, open_timeout=10)
            )
        except (OSError, WebSocketException) as fault:
            raise Problem(f"The spectator's socket was not accepted: {fault}") from None
        threading.Thread(target=self._watch, args=(socket,), daemon=True).start()

    def wait_for(self, name: str, times: int = 1, seconds: float = 15) -> None:
        """Until so many events of that name have come. Raises Problem."""
        with self._arrived:
            seen = self._arrived.wait_for(lambda: self.fault or self._count(name) >= times, seconds)
        if self.fault or not seen:
            raise Problem(self.fault or f"No {name} reached the spectator within {seconds:.0f} s.")

    def _count(self, name: str) -> int:
        return sum(event["name"] == name for event in self.events)

    def stop(self) -> None:
        self._stopped = True
        self._open.close()

    def check_against(self, recorded: list[Json]) -> None:
        """Raises Problem where what was sent is not what is recorded: each event once, in order."""
        seqs = [event["seq"] for event in self.events]
        if seqs != list(range(1, len(seqs) + 1)):
            raise Problem(f"The spectator's events have a gap or are out of order: {seqs}")
        sent = [(event["seq"], event["name"], event["data"]) for event in self.events]
        if sent != [(event["seq"], event["name"], event["data"]) for event in recorded]:
            raise Problem(
                f"The spectator saw {len(sent)} events, of {len(recorded)}, or they differ."
            )

    def _watch(self, socket: ClientConnection) -> None:
        fault = "was closed by the server"
        try:
            for text in socket:
                self._take(json.loads(text))
        except (WebSocketException, ValueError, KeyError) as broke:
            fault = f"broke: {broke!r}"
        if not self._stopped:
            with self._arrived:
                self.fault = self.fault or f"The spectator's socket {fault}"
                self._arrived.notify_all()

    def _take(self, message: Json) -> None:
        with self._arrived:
            self.messages += 1
            if message["type"] == "event":
                self.events.append(message)
            elif message["type"] == "error":
                self.fault = f"The spectator was told: {message['code']}"
            self._arrived.notify_all()
