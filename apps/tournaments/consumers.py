"""`/ws/tournaments/{id}/?since=SEQ`: the live feed of a tournament."""

from functools import partial
from typing import Any
from urllib.parse import parse_qs

from apps.accounts.auth import viewer_of_socket
from apps.core import thread_pool
from apps.core.types import Scope
from apps.core.websocket.consumer import BadMessage, Content
from apps.core.websocket.monitored import MonitoredConsumer
from apps.core.websocket.rejections import RejectReason
from apps.events import recording
from apps.events.listener import Listener
from apps.events.live_feed import get_live_feed
from apps.matches.events import tournament_stream
from apps.tournaments.selectors import tournament_exists


class TournamentConsumer(MonitoredConsumer):
    listener: Listener | None = None

    def fields(self, scope: Scope) -> dict[str, int]:
        self.tournament_id = int(scope["url_route"]["kwargs"]["tournament_id"])
        self.stream = tournament_stream(self.tournament_id)
        return {"tournament_id": self.tournament_id}

    async def admitted(self) -> RejectReason | None:
        viewer = partial(viewer_of_socket, self.scope)
        exists = await thread_pool.query(
            tournament_exists, tournament_id=self.tournament_id, viewer=viewer
        )
        return None if exists else RejectReason.NOT_FOUND

    async def opened(self) -> None:
        """Sends a welcome, the missed events, then new events. For an invalid `since` it sends an
        error message and starts at the head of the stream."""
        head = await thread_pool.query(recording.head, self.stream)
        await self.send_json({"type": "welcome", "seq": head})
        try:
            start = _since(self.scope, head)
        except BadMessage as bad:
            await self.send_json({"type": "error", "code": bad.code})
            start = head
        await self._listen(start)

    async def closed(self) -> None:
        if self.listener is not None:
            await get_live_feed().leave(self.stream, self.listener)

    async def ping(self, message: Content) -> None:
        await self.send_json({"type": "pong"})

    async def sync(self, message: Content) -> None:
        """Sends all events after `since` again, then new events."""
        head = await thread_pool.query(recording.head, self.stream)
        start = _checked(message.get("since"), head)
        await self.closed()
        await self._listen(start)

    async def _listen(self, seq: int) -> None:
        self.listener = Listener(self.deliver, seq)
        await get_live_feed().join(self.stream, self.listener)

    handlers = {"ping": ping, "sync": sync}  # noqa: RUF012 Mapping in the base


def _since(scope: Any, head: int) -> int:
    values = parse_qs(scope["query_string"].decode("latin1"), keep_blank_values=True).get("since")
    if values is None:
        return head
    text = values[-1]
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        raise BadMessage("bad_since")
    return _checked(int(text), head)


def _checked(since: object, head: int) -> int:
    if not isinstance(since, int) or isinstance(since, bool) or not 0 <= since <= head:
        raise BadMessage("bad_since")
    return since
