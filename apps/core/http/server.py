"""daphne with the ASGI lifespan protocol and the close codes of RFC 6455.

    python -m apps.core.http.server [daphne's options] mysite.asgi:application

daphne closes a connection without a close code if the client sends too much (1009) or invalid UTF-8
(1007), and all connections when it stops (1012). Autobahn, which it uses, can send the codes.
"""

import asyncio
import logging
import time
from typing import Any

from daphne.cli import CommandLineInterface
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from apps.core.logging import config, setup

logger = logging.getLogger("apps.core.http.server")  # __name__ is __main__

SERVICE_RESTART = 1012
DRAIN_SECONDS = 3.0
MAX_UNSENT_BYTES = 4 * 1024 * 1024
MAX_QUEUED = 64  # messages of one client
POLL_SECONDS = 0.05


class ClosingSocket(WebSocketProtocol):
    _paused = False

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 daphne's names
        """Stops reading from a client while its queue is full: daphne's queue has no bound. The
        rest of the current read, at most 64 KiB, is still queued."""
        super().onMessage(payload, isBinary)
        if not self._paused and self.application_queue.qsize() >= MAX_QUEUED:
            from apps.core.metrics import ws_input_paused  # noqa: PLC0415 needs the settings

            self._paused = True
            ws_input_paused.inc()
            self.transport.pauseProducing()
            asyncio.get_running_loop().call_later(POLL_SECONDS, self._resume)

    def _resume(self) -> None:
        """Resumes when half of the queue is handled, or to read the close frame of the client."""
        if self.state == self.STATE_CLOSED:
            return
        if self.state == self.STATE_OPEN and self.application_queue.qsize() > MAX_QUEUED // 2:
            asyncio.get_running_loop().call_later(POLL_SECONDS, self._resume)
            return
        self._paused = False
        self.transport.resumeProducing()

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 daphne's name
        """Sends any close code. daphne's raises for codes except 1000 and 3000 to 4999."""
        self.sendCloseFrame(code=1000 if code is None else code)

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: N802 daphne's
        """Drops messages to a closing socket, on which Autobahn would raise."""
        if self.state == self.STATE_OPEN:
            super().serverSend(content, binary)


class DaphneServer(Server):
    def __init__(self, **options: Any) -> None:
        if config.is_active():  # `http.access_log` writes JSON instead
            options["action_logger"] = None
        super().__init__(**options, ready_callable=self._begin)
        self._lifespan: asyncio.Task[None] | None = None

    def _begin(self) -> None:
        # This call resets allowNullOrigin, which daphne sets: a null origin must reach the
        # application, which counts its rejection.
        self.ws_factory.setProtocolOptions(failByDrop=False, allowNullOrigin=True)
        self.ws_factory.protocol = ClosingSocket
        reactor.callWhenRunning(self._start_lifespan)

    def _start_lifespan(self) -> None:
        events: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        events.put_nowait({"type": "lifespan.startup"})
        replies: asyncio.Queue[object] = asyncio.Queue()  # not read: a failed startup raises
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}}
        self._lifespan = asyncio.ensure_future(self.application(scope, events.get, replies.put))

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        if config.is_active():  # whose configuration hides daphne's own message
            host = port.getHost()
            address = f"{host.host}:{host.port}" if hasattr(host, "port") else str(host.name)
            logger.info("Listening", extra={"address": address})

    def kill_all_applications(self) -> Any:
        """At shutdown: asks every client to reconnect, waits up to DRAIN_SECONDS for their close
        frames, then cancels the applications."""
        drained = Deferred.fromFuture(asyncio.ensure_future(self._drain()))
        drained.addCallback(lambda _: super(DaphneServer, self).kill_all_applications())
        return drained

    async def _drain(self) -> None:
        sockets = [socket for socket in self._sockets() if socket.state == socket.STATE_OPEN]
        for socket in sockets:
            socket.serverClose(SERVICE_RESTART)
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline and any(s.state != s.STATE_CLOSED for s in sockets):
            await asyncio.sleep(POLL_SECONDS)
        if self._lifespan is not None:
            self._lifespan.cancel()

    def timeout_checker(self) -> None:
        """Runs every two seconds. Disconnects clients that do not read, before they fill memory."""
        super().timeout_checker()  # schedules the next run
        for socket in self._sockets():
            # Twisted has no public API for the bytes that it buffers for a client.
            unsent = len(socket.transport.dataBuffer) + socket.transport._tempDataLen
            if unsent > MAX_UNSENT_BYTES:
                logger.warning("WebSocket client does not read", extra={"bytes": unsent})
                socket.dropConnection(abort=True)

    def _sockets(self) -> list[Any]:
        return [item for item in self.connections if isinstance(item, WebSocketProtocol)]


class Command(CommandLineInterface):
    server_class = DaphneServer


if __name__ == "__main__":
    setup.install_hooks("web")
    Command.entrypoint()
