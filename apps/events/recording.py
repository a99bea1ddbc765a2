"""One call records an event for the audit trail, metrics, logs, Sentry and the live feed.

A service records what happened, inside the transaction of the change:

    record(MatchCompleted(tournament_id=17, match_id=3, ...))

The audit record is written in this transaction, and the functions registered with `reacts_to` run
in it. After the commit come the counter, the log line, the Sentry breadcrumb and the broadcast.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any, ClassVar, ParamSpec, TypeVar, dataclass_transform

import sentry_sdk
from django.db import connection, transaction

from apps.core import context
from apps.core.conf import conf
from apps.events import broadcast
from apps.events.audit import digests
from apps.events.exceptions import NotInTransaction
from apps.events.models import EventRecord, Stream


class Audience(Enum):
    PUBLIC = auto()  # sent to the stream's live feed
    PRIVATE = auto()  # audit trail only


@dataclass_transform(frozen_default=True, kw_only_default=True)
@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events, which are frozen dataclasses: the annotations of a subclass are its
    fields. `stream` may contain fields: "tournament:{tournament_id}".

    All events of a stream need the same audience: a public feed has no gaps.
    """

    name: ClassVar[str]
    stream: ClassVar[str]
    level: ClassVar[int] = logging.INFO
    audience: ClassVar[Audience] = Audience.PUBLIC

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True)(cls)

    def count(self) -> None:
        """Increments the event's counter, if it has one."""

    def actor_id(self) -> int | None:
        """The acting user, for work without a signed-in user."""
        return None

    def log_message(self) -> str:
        """`tournament.created` is logged as "Tournament created"."""
        return self.name.replace(".", " ").replace("_", " ").capitalize()

    def data(self) -> dict[str, Any]:
        return asdict(self)


E = TypeVar("E", bound=Event)
P = ParamSpec("P")
Reaction = Callable[[Any], None]
_reactions: dict[type[Event], list[Reaction]] = defaultdict(list)


def reacts_to(event_type: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Calls the function for each such event, inside the event's transaction."""

    def register(reaction: Callable[[E], None]) -> Callable[[E], None]:
        _reactions[event_type].append(reaction)
        return reaction

    return register


Values = Mapping[str, Any]


def record(event: Event, *, before: Values | None = None, after: Values | None = None) -> None:
    """Raises NotInTransaction outside a transaction: the event could not be rolled back.

    `before` and `after` are the changed values, for the audit trail only.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{event.name} was recorded outside a transaction")
    written = _append(event, before, after)
    after_commit(_announce, event, written)
    for reaction in _reactions[type(event)]:
        reaction(event)


def after_commit(hook: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Calls the hook after the commit. An exception is logged; later hooks still run.

    Not a `partial`: Django logs the `__qualname__` of the hook and fails if it has none.
    """

    def call() -> None:
        hook(*args, **kwargs)

    call.__qualname__ = getattr(hook, "__qualname__", repr(hook))
    transaction.on_commit(call, robust=True)


def head(stream: str) -> int:
    """The `seq` of the stream's last event, or 0."""
    return Stream.objects.filter(name=stream).values_list("seq", flat=True).first() or 0


def since(stream: str, seq: int, *, limit: int = 500) -> list[EventRecord]:
    """The stream's events after `seq`, in order."""
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
        actor_id=_actor_id(event),
        request_id=context.request_id(),
        address=context.client(),
        before=before,
        after=after,
    )
    written.digest = digests.digest(stream.digest, written)
    written.save(force_insert=True)
    stream.seq, stream.digest = written.seq, written.digest
    stream.save(update_fields=["seq", "digest"])
    return written


def _announce(event: Event, written: EventRecord) -> None:
    event.count()
    fields = _loggable(written.data)
    _log(event, fields | {"stream": written.stream_id})
    for name in conf.SENTRY_TAGS:
        if name in fields:
            sentry_sdk.set_tag(name, str(fields[name]))
    sentry_sdk.add_breadcrumb(category=event.name, message=event.name, data=fields, level="info")
    if event.audience is Audience.PUBLIC:
        broadcast.publish(written.stream_id, written.seq, written.as_json())


def _log(event: Event, fields: dict[str, Any]) -> None:
    """Uses the logger of the module that defines the event."""
    user_id = _actor_id(event)
    actor = {} if user_id is None else {"user_id": user_id}
    logger = logging.getLogger(type(event).__module__)
    logger.log(event.level, event.log_message(), extra={"event": event.name} | actor | fields)


def _actor_id(event: Event) -> int | None:
    user_id: int | None = context.current().get("user_id", event.actor_id())
    return user_id


def _loggable(data: dict[str, Any]) -> dict[str, Any]:
    """Only the ids of people: their names must not reach logs and Sentry."""
    fields: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict) and "id" in value:
            fields[f"{key}_id"] = value["id"]
        elif isinstance(value, int | str):
            fields[key] = value
    return fields
