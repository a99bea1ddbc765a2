"""A stand-in for Slack, PagerDuty and a dead man's switch that keeps the messages it receives.

    with Receiver() as receiver:
        config = alertmanager_config(receiver, folder)      # drills.alertmanager
        ...                                                 # start Alertmanager with it
        page = receiver.wait_for("DatabaseDown", "firing", 60)
        assert page.channel == "pagerduty"

It responds as the services do: 202 with the dedup key, `ok`, or 400 with the reason. `rejected`
lists the messages with a 400; it is empty in a correct configuration.
"""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from drills import payloads
from drills.payloads import Channel, InvalidPayload, Json, Notification, Status

PARSERS: dict[str, Callable[[Json], Notification]] = {
    "/v2/enqueue": payloads.pagerduty,
    "/services/T0/B0/slack": payloads.slack,
    "/watchdog": payloads.watchdog,
}
PATHS: dict[Channel, str] = dict(zip(("pagerduty", "slack", "watchdog"), PARSERS, strict=True))
POLL_SECONDS = 0.05


class Receiver:
    def __init__(self, address: str = "127.0.0.1", *, host: str = "127.0.0.1") -> None:
        """`host` is the name by which Alertmanager reaches the address."""
        self._host = host
        self.notifications: list[Notification] = []
        self.rejected: list[str] = []
        self._failures: dict[str, list[int]] = {path: [] for path in PARSERS}
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer((address, 0), _handler(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True
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
        return f"http://{self._host}:{self._server.server_port}"

    def channel_url(self, channel: Channel) -> str:
        return self.url + PATHS[channel]

    def fail_next(self, channel: Channel, *statuses: int) -> None:
        """The channel responds to its next messages with these statuses, then recovers."""
        self._failures[PATHS[channel]] = list(statuses)

    def pending_failures(self, channel: Channel) -> int:
        return len(self._failures[PATHS[channel]])

    def received(self, alert: str, status: Status | None = None) -> list[Notification]:
        """The notifications of an alert, oldest first."""
        return [
            notification
            for notification in list(self.notifications)
            if notification.alert == alert and status in (None, notification.status)
        ]

    def wait_for(self, alert: str, status: Status, seconds: float) -> Notification:
        """The first such notification, including one received before the call.

        Raises TimeoutError, which lists the notifications that were received.
        """
        with self._changed:
            if self._changed.wait_for(lambda: self.received(alert, status), seconds):
                return self.received(alert, status)[0]
        received = [(item.alert, item.status, item.channel) for item in self.notifications]
        raise TimeoutError(
            f"no {status} {alert} in {seconds} s; received: {received}, rejected: {self.rejected}"
        )

    def stays_silent_about(self, alert: str, seconds: float) -> bool:
        """Waits the whole time: only that shows that no notification arrives."""
        time.sleep(seconds)
        return not self.received(alert)

    def handle(self, path: str, body: bytes) -> tuple[int, str]:
        """Status and body of the response."""
        if self._failures.get(path):
            return self._failures[path].pop(0), "temporary failure"
        try:
            notification = PARSERS[path](json.loads(body))
        except (KeyError, TypeError, ValueError, InvalidPayload) as error:
            return self._reject(path, str(error))
        with self._changed:
            self.notifications.append(notification)
            self._changed.notify_all()
        return _success(notification)

    def _reject(self, path: str, reason: str) -> tuple[int, str]:
        self.rejected.append(f"{path}: {reason}")
        if path != PATHS["pagerduty"]:
            return 400, reason
        response = {"status": "invalid event", "message": "Event object is invalid"}
        return 400, json.dumps(response | {"errors": [reason]})


def _success(notification: Notification) -> tuple[int, str]:
    if notification.channel != "pagerduty":
        return 200, "ok"
    response = {"status": "success", "message": "Event processed", "dedup_key": notification.key}
    return 202, json.dumps(response)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            status, response = receiver.handle(self.path, self.rfile.read(length))
            self.send_response(status)
            content_type = "application/json" if response.startswith("{") else "text/plain"
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(response.encode())))
            self.end_headers()
            self.wfile.write(response.encode())

        def log_message(self, format: str, *arguments: object) -> None:
            """Messages are in `notifications`, not on the terminal."""

    return Handler
