"""One event, every signal.

A service says once what happened, inside the transaction that makes it so:

    record(MatchCompleted(tournament_id=17, match_id=3, ...))

From that come the audit record and what other services do in reaction, in the same transaction, and
once it has committed the counter, the log line, the Sentry breadcrumb and the live broadcast.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any, ClassVar, ParamSpec, TypeVar

import sentry_sdk
from django.db import connection, transaction

from apps.core import context, sentry
from apps.events import live_feed
from apps.events.audit import chain
from apps.events.exceptions import NotInTransaction
from apps.events.models import EventRecord, Stream

TAGS = ("tournament_id", "match_id")


class Audience(Enum):
    PUBLIC = auto()  # broadcast to the stream's live feed, and readable in it
    PRIVATE = auto()  # audit only


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. `stream` may name fields: "tournament:{tournament_id}".

    All events of one stream have the same audience, so that a public feed has no gaps.
    """

    name: ClassVar[str]
    stream: ClassVar[str]
    level: ClassVar[int] = logging.INFO
    audience: ClassVar[Audience] = Audience.PUBLIC

    def count(self) -> None:
        """Raises the event's counter, where it has one."""

    def actor_id(self) -> int | None:
        """Who did it, where nobody is signed in."""
        return None

    def words(self) -> str:
        """For people: `tournament.created` is "Tournament created"."""
        return self.name.replace(".", " ").replace("_", " ").capitalize()

    def data(self) -> dict[str, Any]:
        return asdict(self)


E = TypeVar("E", bound=Event)
P = ParamSpec("P")
Reaction = Callable[[Any], None]
_reactions: dict[type[Event], list[Reaction]] = defaultdict(list)


def reacts_to(event_type: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Runs the function in the transaction of each such event, before it commits."""

    def register(reaction: Callable[[E], None]) -> Callable[[E], None]:
        _reactions[event_type].append(reaction)
        return reaction

    return register


Values = Mapping[str, Any]


def record(event: Event, *, before: Values | None = None, after: Values | None = None) -> None:
    """Raises NotInTransaction outside a transaction, where it could not be undone.

    `before` and `after` are what the event changed. They are for the audit trail alone: no log, no
    listener and no counter is told.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{event.name} was recorded outside a transaction")
    written = _append(event, before, after)
    after_commit(_announce, event, written)
    for reaction in _reactions[type(event)]:
        reaction(event)


def after_commit(hook: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Calls the hook once the transaction is through. Should it raise, that is logged: what is
    committed stays, and the hooks after it are called.

    A `partial` would not do: Django logs the hook's `__qualname__`, and fails for want of one.
    """

    def call() -> None:
        hook(*args, **kwargs)

    call.__qualname__ = getattr(hook, "__qualname__", repr(hook))
    transaction.on_commit(call, robust=True)


def head(stream: str) -> int:
    """The seq of the stream's last event, 0 where there is none."""
    found = Stream.objects.filter(name=stream).values_list("seq", flat=True).first()
    return found or 0


def since(stream: str, seq: int, *, limit: int = 500) -> list[EventRecord]:
    """The stream's events after `seq`, in order, at most `limit`."""
    records = EventRecord.objects.filter(stream_id=stream, seq__gt=seq).order_by("seq")
    return list(records[:limit])


def _append(event: Event, before: Values | None, after: Values | None) -> EventRecord:
    name = event.stream.format_map(vars(event))
    Stream.objects.bulk_create([Stream(name=name)], ignore_conflicts=True)
    stream = Stream.objects.select_for_update().get(name=name)
    written = EventRecord(
        stream=stream,
        seq=stream.seq + 1,
        name=event.name,
        data=event.data(),
        at=datetime.now(UTC),
        actor_id=context.current().get("user_id", event.actor_id()),
        request_id=context.request_id(),
        address=context.client(),
        before=before,
        after=after,
        version=chain.VERSION,
    )
    written.digest = chain.digest(stream.digest, written)
    written.save(force_insert=True)
    stream.seq, stream.digest = written.seq, written.digest
    stream.save(update_fields=["seq", "digest"])
    return written


def _announce(event: Event, written: EventRecord) -> None:
    event.count()
    fields = _loggable(written.data)
    _log(event, fields | {"stream": written.stream_id})
    sentry.tag({name: fields[name] for name in TAGS if name in fields})
    sentry_sdk.add_breadcrumb(category=event.name, message=event.name, data=fields, level="info")
    if event.audience is Audience.PUBLIC:
        live_feed.publish(written.stream_id, written.seq, written.as_json())


def _log(event: Event, fields: dict[str, Any]) -> None:
    """In the name of the event's own app, whose level can be set by itself."""
    user_id = context.current().get("user_id", event.actor_id())
    who = {} if user_id is None else {"user_id": user_id}
    logger = logging.getLogger(type(event).__module__)
    logger.log(event.level, event.words(), extra={"event": event.name} | who | fields)


def _loggable(data: dict[str, Any]) -> dict[str, Any]:
    """Persons by their id only: names are nobody's business in logs and at Sentry."""
    fields: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict) and "id" in value:
            fields[f"{key}_id"] = value["id"]
        elif isinstance(value, int | str):
            fields[key] = value
    return fields
