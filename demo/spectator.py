"""A WebSocket client that keeps every event of a tournament, in order."""

import json
import threading
from contextlib import ExitStack
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from demo.api import DemoError, Json


class Spectator:
    def __init__(self, base_url: str, tournament_id: int) -> None:
        url = urlsplit(base_url)
        scheme = "wss" if url.scheme == "https" else "ws"
        self._url = f"{scheme}://{url.netloc}/ws/tournaments/{tournament_id}/?since=0"
        self._origin = Origin(f"{url.scheme}://{url.netloc}")
        self._received = threading.Condition()
        self._connection = ExitStack()
        self.events: list[Json] = []
        self.error = ""
        self._stopped = False

    def start(self) -> None:
        try:
            socket = self._connection.enter_context(
                connect(self._url, origin=self._origin, open_timeout=10)
            )
        except (OSError, WebSocketException) as error:
            raise DemoError(f"The spectator's WebSocket was rejected: {error}") from None
        threading.Thread(target=self._read, args=(socket,), daemon=True).start()

    def wait_for(self, name: str, times: int = 1, seconds: float = 15) -> None:
        """Waits for this number of events of that name. Raises DemoError."""
        with self._received:
            done = self._received.wait_for(
                lambda: self.error or self._count(name) >= times, seconds
            )
        if self.error or not done:
            raise DemoError(self.error or f"The spectator received no {name} in {seconds:.0f} s.")

    def _count(self, name: str) -> int:
        return sum(event["name"] == name for event in self.events)

    def stop(self) -> None:
        self._stopped = True
        self._connection.close()

    def check_against(self, recorded: list[Json]) -> None:
        """Raises DemoError unless each recorded event was received once, in order."""
        seqs = [event["seq"] for event in self.events]
        if seqs != list(range(1, len(seqs) + 1)):
            raise DemoError(f"The spectator's events have a gap or are out of order: {seqs}")
        received = [(event["seq"], event["name"], event["data"]) for event in self.events]
        if received != [(event["seq"], event["name"], event["data"]) for event in recorded]:
            raise DemoError(
                f"The spectator received {len(received)} events that differ from the"
                f" {len(recorded)} recorded ones."
            )

    def _read(self, socket: ClientConnection) -> None:
        reason = "was closed by the server"
        try:
            for text in socket:
                self._handle(json.loads(text))
        except (WebSocketException, ValueError, KeyError) as error:
            reason = f"failed: {error!r}"
        if not self._stopped:
            with self._received:
                self.error = self.error or f"The spectator's WebSocket {reason}"
                self._received.notify_all()

    def _handle(self, message: Json) -> None:
        with self._received:
            if message["type"] == "event":
                self.events.append(message)
            elif message["type"] == "error":
                self.error = f"The spectator received an error: {message['code']}"
            self._received.notify_all()
