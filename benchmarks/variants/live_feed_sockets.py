"""The application, and a path that publishes the next event of tournament 1."""

import json

from deltacrown.asgi import application as deltacrown  # isort: skip  sets Django up

from apps.core.http import responses
from apps.core.types import Receive, Scope, Send
from apps.events import broadcast, live_feed

stream = "tournament:1"
published: list[int] = []


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http" or scope["path"] != "/broadcast":
        await deltacrown(scope, receive, send)
        return
    # The first one follows the last recorded event: all listeners have received that.
    listener = next(iter(live_feed.get_live_feed().listeners[stream]))
    seq = (published[-1] if published else listener.seq) + 1
    published.append(seq)
    data = {"type": "event", "seq": seq, "name": "match.completed", "data": {"match_id": 1}}
    broadcast.publish(stream, seq, json.dumps(data, separators=(",", ":")))
    await responses.send_json(send, 200, {})
