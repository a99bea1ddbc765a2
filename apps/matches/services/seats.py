"""Who sits where: entrants take their seats in a match, and it becomes ready."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from apps.matches.models import Match
from apps.matches.services import event_factory
from apps.matches.types import Registration

SEATED = ["entrant_a", "entrant_b", "status", "ready_at", "reminded_at", "forfeit_at"]


def seat(match: Match, slot: int, entrant: Registration) -> None:
    """Fills one side. The match is ready, and announced, once it has both."""
    _put(match, slot, entrant)
    if match.entrant_a_id and match.entrant_b_id:
        make_ready([match])
    else:
        match.save(update_fields=SEATED)


def unseat(match: Match, slot: int) -> None:
    """Of a match that has not begun: it waits again."""
    _put(match, slot, None)
    match.status = Match.Status.PENDING
    match.ready_at = match.reminded_at = match.forfeit_at = None
    match.save(update_fields=SEATED)


def make_ready(matches: Sequence[Match]) -> None:
    now = timezone.now()
    for match in matches:
        mark_ready(match, now)
    Match.objects.bulk_update(matches, SEATED, batch_size=200)
    event_factory.ready(matches)


def mark_ready(match: Match, now: datetime) -> None:
    match.status, match.ready_at = Match.Status.READY, now
    match.forfeit_at = forfeit_time(match, max(now, match.scheduled_at or now))


def forfeit_time(match: Match, since: datetime) -> datetime | None:
    """When silence `since` then is taken for an answer; None where the tournament has no timer."""
    minutes = match.tournament.no_show_minutes
    return since + timedelta(minutes=minutes) if minutes else None


def _put(match: Match, slot: int, entrant: Registration | None) -> None:
    if slot == 0:
        match.entrant_a = entrant
    else:
        match.entrant_b = entrant
