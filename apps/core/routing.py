"""Sends a connection to what serves its protocol, and refuses sockets that lead nowhere."""

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

from apps.core.sockets.refusals import Refusal, refuse


def by_protocol(*, http: ASGI3Application, websocket: ASGI3Application) -> ASGI3Application:
    async def application(
        scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        if scope["type"] == "http":
            await http(scope, receive, send)
        elif scope["type"] == "websocket":
            await websocket(scope, receive, send)

    return application


async def no_such_socket(
    scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    """The last route of a socket router: without it, Channels raises for every unknown path."""
    await refuse(send, Refusal.NOT_FOUND)
