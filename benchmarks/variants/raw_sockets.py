"""The lower bound: an ASGI application that only sends a text to every socket."""

from apps.core.http import responses
from apps.core.types import Receive, Scope, Send

EVENT = {
    "type": "websocket.send",
    "text": '{"type":"event","seq":1,"name":"match.completed","data":{"match_id":1}}',
}
sockets: set[Send] = set()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await serve_socket(receive, send)
        return
    for send_to_socket in tuple(sockets):
        await send_to_socket(EVENT)
    await responses.send_json(send, 200, {})


async def serve_socket(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": '{"type":"welcome"}'})
    sockets.add(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    sockets.discard(send)
