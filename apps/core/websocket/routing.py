"""Routes connections by protocol, and rejects sockets of unknown paths."""

from apps.core.types import App, Receive, Scope, Send
from apps.core.websocket.rejections import RejectReason, reject


def route_by_protocol(*, http: App, websocket: App) -> App:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await http(scope, receive, send)
        elif scope["type"] == "websocket":
            await websocket(scope, receive, send)

    return application


async def reject_unknown_path(scope: Scope, receive: Receive, send: Send) -> None:
    """The last route of a URLRouter: without it, Channels raises for every unknown path."""
    await reject(send, RejectReason.NOT_FOUND)
