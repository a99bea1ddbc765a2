"""daphne, with ASGI's lifespan, and with the close codes that RFC 6455 asks for.

    python -m apps.core.http.server [daphne's own options] deltacrown.asgi:application

daphne drops the connection of a client that sends too much (1009) or what is no UTF-8 (1007)
without a word, and all sockets when it stops (1012); Autobahn below it can say the code.
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

from apps.core.logging import setup

logger = logging.getLogger("apps.core.http.server")  # __name__ is __main__

SERVICE_RESTART = 1012
DRAIN_SECONDS = 3.0
MAX_UNSENT_BYTES = 4 * 1024 * 1024
MAX_WAITING = 64  # messages of one client
LOOKED_AGAIN_SECONDS = 0.05


class ClosingSocket(WebSocketProtocol):
    _paused = False

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 daphne's names
        """daphne queues without end what comes while a handler works. Ours reads no more from the
        client meanwhile; what one read brought, 64 KiB at most, is queued all the same."""
        super().onMessage(payload, isBinary)
        if not self._paused and self.application_queue.qsize() >= MAX_WAITING:
            from apps.core.metrics import ws_input_paused  # noqa: PLC0415 needs the settings

            self._paused = True
            ws_input_paused.inc()
            self.transport.pauseProducing()
            asyncio.get_running_loop().call_later(LOOKED_AGAIN_SECONDS, self._read_on)

    def _read_on(self) -> None:
        """Once half is handled; for the client's goodbye, where the socket is about to close."""
        if self.state == self.STATE_CLOSED:
            return
        if self.state == self.STATE_OPEN and self.application_queue.qsize() > MAX_WAITING // 2:
            asyncio.get_running_loop().call_later(LOOKED_AGAIN_SECONDS, self._read_on)
            return
        self._paused = False
        self.transport.resumeProducing()

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 daphne's name
        """With any code that a server may send. daphne's own takes 1000 and 3000 to 4999 only, and
        anything else is an exception in the application."""
        self.sendCloseFrame(code=1000 if code is None else code)

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: N802 daphne's
        """To a client that is on its way out, nothing: daphne has it so once it is gone, and
        Autobahn raises in between."""
        if self.state == self.STATE_OPEN:
            super().serverSend(content, binary)


class ClosingServer(Server):
    def __init__(self, **options: Any) -> None:
        if setup.is_ours():  # its lines are text; JSON's are told by `http.access`
            options["action_logger"] = None
        super().__init__(**options, ready_callable=self._begin)
        self._lifespan: asyncio.Task[None] | None = None

    def _begin(self) -> None:
        # Without the second, which daphne sets too, this very call would turn it off, and a null
        # origin would be a 400 that nobody counts.
        self.ws_factory.setProtocolOptions(failByDrop=False, allowNullOrigin=True)
        self.ws_factory.protocol = ClosingSocket
        reactor.callWhenRunning(self._start_lifespan)

    def _start_lifespan(self) -> None:
        events: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        events.put_nowait({"type": "lifespan.startup"})
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}}
        self._lifespan = asyncio.ensure_future(self.application(scope, events.get, _ignore))

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        if setup.is_ours():  # which keeps daphne's own word for it, and much besides, to itself
            logger.info("Listening", extra={"address": _address(port.getHost())})

    def kill_all_applications(self) -> Any:
        """At shutdown: tells every socket to come again, waits DRAIN_SECONDS at most for their
        goodbyes, then ends what runs."""
        drained = Deferred.fromFuture(asyncio.ensure_future(self._drain()))
        drained.addCallback(lambda _: super(ClosingServer, self).kill_all_applications())
        return drained

    async def _drain(self) -> None:
        sockets = [one for one in self._sockets() if one.state == one.STATE_OPEN]
        for socket in sockets:
            socket.serverClose(SERVICE_RESTART)
        deadline = time.monotonic() + DRAIN_SECONDS
        while any(one.state != one.STATE_CLOSED for one in sockets):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.05)
        if self._lifespan is not None:
            self._lifespan.cancel()

    def timeout_checker(self) -> None:
        """Every two seconds: a client that does not read is let go before it fills our memory."""
        try:
            for socket in self._sockets():
                if (unsent := _unsent(socket)) > MAX_UNSENT_BYTES:
                    logger.warning("WebSocket client does not read", extra={"bytes": unsent})
                    socket.dropConnection(abort=True)
        finally:
            super().timeout_checker()  # which asks for the next turn

    def _sockets(self) -> list[Any]:
        return [one for one in self.connections if isinstance(one, WebSocketProtocol)]


def _address(host: Any) -> str:
    return f"{host.host}:{host.port}" if hasattr(host, "port") else str(host.name)


def _unsent(socket: Any) -> int:
    """What Twisted holds for the client: it has no public word for it."""
    return len(socket.transport.dataBuffer) + int(socket.transport._tempDataLen)


async def _ignore(message: object) -> None:
    """What the application says of its start: it either raises, or has started."""


class Command(CommandLineInterface):
    server_class = ClosingServer


if __name__ == "__main__":
    setup.install_hooks("web")
    Command.entrypoint()
