"""Slack, PagerDuty and a dead-man's switch on a port of this machine: keeps what they are told.

    with Receiver() as receiver:
        config = alertmanager_config(receiver, folder)      # drills.alertmanager
        ...                                                 # start Alertmanager with it
        page = receiver.wait_for("DatabaseDown", "firing", 60)
        assert page.channel == "pagerduty"

It answers as the services do: 202 with the dedup key, `ok`, or 400 with the reason. What it had to
refuse is in `refused`, which is empty where all is well. `fail_next` puts it out of order.
"""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from drills import wire
from drills.wire import Channel, Json, Malformed, Notification, Status

READERS: dict[str, Callable[[Json], Notification]] = {
    "/v2/enqueue": wire.pagerduty,
    "/services/T0/B0/slack": wire.slack,
    "/watchdog": wire.watchdog,
}
PATHS: dict[Channel, str] = dict(zip(("pagerduty", "slack", "watchdog"), READERS, strict=True))


class Receiver:
    def __init__(self, address: str = "127.0.0.1", *, known_as: str = "127.0.0.1") -> None:
        """`known_as` is how Alertmanager reaches the address."""
        self._known_as = known_as
        self.notifications: list[Notification] = []
        self.refused: list[str] = []
        self._failures: dict[str, list[int]] = {path: [] for path in READERS}
        self._news = threading.Condition()
        self._server = ThreadingHTTPServer((address, 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://{self._known_as}:{self._server.server_port}"

    @property
    def pagerduty_url(self) -> str:
        return f"{self.url}/v2/enqueue"

    @property
    def slack_url(self) -> str:
        return f"{self.url}/services/T0/B0/slack"

    @property
    def watchdog_url(self) -> str:
        return f"{self.url}/watchdog"

    def fail_next(self, channel: Channel, *statuses: int) -> None:
        """What the service answers to its next messages, whatever they are, before it is well
        again."""
        self._failures[PATHS[channel]] = list(statuses)

    def pending_failures(self, channel: Channel) -> int:
        return len(self._failures[PATHS[channel]])

    def of(self, alert: str, status: Status | None = None) -> list[Notification]:
        """What has been told of an alert, oldest first."""
        return [
            one
            for one in list(self.notifications)
            if one.alert == alert and status in (None, one.status)
        ]

    def wait_for(self, alert: str, status: Status, seconds: float) -> Notification:
        """The first notification of that kind, also one that came before the call.

        Raises TimeoutError, saying what did come.
        """
        with self._news:
            if self._news.wait_for(lambda: self.of(alert, status), seconds):
                return self.of(alert, status)[0]
        told = [(one.alert, one.status, one.channel) for one in self.notifications]
        raise TimeoutError(f"no {status} {alert} in {seconds} s; told: {told}, {self.refused}")

    def stays_silent_about(self, alert: str, seconds: float) -> bool:
        """Waits that long, as only time can show that nothing comes."""
        time.sleep(seconds)
        return not self.of(alert)

    def take(self, path: str, body: bytes) -> tuple[int, str]:
        """The status and the body of the answer."""
        if self._failures.get(path):
            return self._failures[path].pop(0), "out of order"
        try:
            reader = READERS[path]
            notification = reader(wire.parsed(body))
        except (KeyError, ValueError, Malformed) as error:
            return self._refuse(path, str(error))
        with self._news:
            self.notifications.append(notification)
            self._news.notify_all()
        return _accepted(notification)

    def _refuse(self, path: str, reason: str) -> tuple[int, str]:
        self.refused.append(f"{path}: {reason}")
        if path != "/v2/enqueue":
            return 400, reason
        answer = {"status": "invalid event", "message": "Event object is invalid"}
        return 400, json.dumps(answer | {"errors": [reason]})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                status, answer = receiver.take(self.path, self.rfile.read(length))
                self.send_response(status)
                kind = "application/json" if answer.startswith("{") else "text/plain"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer.encode())))
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, format: str, *arguments: object) -> None:
                """What came is in `notifications`, not on the terminal."""

        return Handler


def _accepted(notification: Notification) -> tuple[int, str]:
    if notification.channel != "pagerduty":
        return 200, "ok"
    answer = {"status": "success", "message": "Event processed", "dedup_key": notification.key}
    return 202, json.dumps(answer)
