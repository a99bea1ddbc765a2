"""The pattern of Channels' documentation: a consumer in a group that calls `send_json`."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deltacrown.settings")
django.setup()

from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402

from apps.core.http import responses  # noqa: E402
from apps.core.types import Receive, Scope, Send  # noqa: E402

GROUP = "tournament-1"


class Consumer(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        await self.send_json({"type": "welcome"})

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def tournament_event(self, message: dict[str, Any]) -> None:
        await self.send_json(message["event"])


consumer = Consumer.as_asgi()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await consumer(scope, receive, send)
        return
    event = {"type": "event", "seq": 1, "name": "match.completed", "data": {"match_id": 1}}
    await get_channel_layer().group_send(GROUP, {"type": "tournament.event", "event": event})
    await responses.send_json(send, 200, {})
