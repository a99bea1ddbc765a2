"""`/ws/tournaments/{id}/?since=SEQ`: everything that happens in a tournament, as it happens."""

from functools import partial
from typing import Any
from urllib.parse import parse_qs

from apps.accounts.auth import viewer_of_socket
from apps.core import events, threads
from apps.core.api import MAX_ID
from apps.core.live import Listener, hub
from apps.core.sockets.consumer import BadMessage, Content, JsonConsumer
from apps.core.sockets.refusals import Refusal
from apps.tournaments.events import stream_of
from apps.tournaments.selectors import tournament_exists


class TournamentConsumer(JsonConsumer):
    listener: Listener | None = None

    @property
    def stream(self) -> str:
        return stream_of(self.tournament_id)

    async def admitted(self) -> Refusal | None:
        if self.tournament_id > MAX_ID:
            return Refusal.NOT_FOUND
        viewer = partial(viewer_of_socket, self.scope)
        found = await threads.query(
            tournament_exists, tournament_id=self.tournament_id, viewer=viewer
        )
        return None if found else Refusal.NOT_FOUND

    async def opened(self) -> None:
        """Welcome, then what the client missed, then what comes. A `since` that cannot be used is
        an error message, and the feed begins at its head."""
        head = await threads.query(events.head, self.stream)
        await self.send_json({"type": "welcome", "seq": head})
        try:
            start = _since(self.scope, head)
        except BadMessage as bad:
            await self.send_json({"type": "error", "code": bad.code})
            start = head
        await self._listen(start)

    async def closed(self) -> None:
        if self.listener is not None:
            await hub().leave(self.stream, self.listener)

    async def ping(self, message: Content) -> None:
        await self.send_json({"type": "pong"})

    async def sync(self, message: Content) -> None:
        """Gives everything after `since` again, and goes on from there."""
        head = await threads.query(events.head, self.stream)
        start = _checked(message.get("since"), head)
        await self.closed()
        await self._listen(start)

    async def _listen(self, seq: int) -> None:
        self.listener = Listener(self.deliver, seq)
        await hub().join(self.stream, self.listener)

    handlers = {"ping": ping, "sync": sync}  # noqa: RUF012 Mapping in the base


def _since(scope: Any, head: int) -> int:
    given = parse_qs(scope["query_string"].decode("latin1"), keep_blank_values=True).get("since")
    if given is None:
        return head
    text = given[-1]
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        raise BadMessage("bad_since")
    return _checked(int(text), head)


def _checked(since: object, head: int) -> int:
    if not isinstance(since, int) or isinstance(since, bool) or not 0 <= since <= head:
        raise BadMessage("bad_since")
    return since
