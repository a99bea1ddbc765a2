"""No-shows and reminders. Each sweep may run any number of times, also concurrently."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.core.celery.batches import run_row_batch
from apps.events.recording import record
from apps.matches.events import MatchReminded, match_fields
from apps.matches.models import Match
from apps.matches.services.completion import complete
from apps.matches.services.decisions import lost_by
from apps.matches.services.locking import LIVE, Score, match_locked

REMIND_BEFORE = timedelta(minutes=15)
BATCH_SIZE = 500  # matches per run; the next run continues


def no_shows_sweep() -> int:
    """Ends matches that were not reported or confirmed in time: a single report is the result,
    without any report the better seed wins. Returns their number. Raises BatchIncomplete."""
    overdue = _overdue(timezone.now())
    return run_row_batch(overdue, match_no_show, name="no-shows", batch_size=BATCH_SIZE)


def reminders_sweep() -> int:
    """Reminds the players of matches that are about to begin, once each. Returns their number.
    Raises BatchIncomplete."""
    about_to_begin = _about_to_begin(timezone.now())
    return run_row_batch(about_to_begin, match_remind, name="reminders", batch_size=BATCH_SIZE)


@transaction.atomic
def match_no_show(match_id: int) -> bool:
    """False if the match was reported or confirmed meanwhile."""
    match = match_locked(match_id)
    if not _overdue(timezone.now()).filter(pk=match_id).exists():
        return False
    complete(match, _no_show_score(match), Match.Outcome.NO_SHOW)
    return True


@transaction.atomic
def match_remind(match_id: int) -> bool:
    """False if the reminder was sent, or is not due."""
    match = match_locked(match_id)
    now = timezone.now()
    if match.scheduled_at is None or not _about_to_begin(now).filter(pk=match_id).exists():
        return False
    match.reminded_at = now
    match.save(update_fields=["reminded_at"])
    at = match.scheduled_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    players = [entrant.player.as_person() for entrant in match.entrants]
    record(MatchReminded(**match_fields(match), scheduled_at=at, players=players))
    return True


def _no_show_score(match: Match) -> Score:
    if match.score_a is not None and match.score_b is not None:
        return match.score_a, match.score_b
    assert match.entrant_a is not None
    assert match.entrant_b is not None
    worse = max(match.entrant_a, match.entrant_b, key=lambda entrant: entrant.seed or 0)
    return lost_by(match, worse)


def _overdue(now: datetime) -> QuerySet[Match]:
    return Match.objects.filter(
        status__in=[Match.Status.READY, Match.Status.REPORTED],
        forfeit_at__lte=now,
        tournament__status=LIVE,
    )


def _about_to_begin(now: datetime) -> QuerySet[Match]:
    return Match.objects.filter(
        status=Match.Status.READY,
        reminded_at=None,
        scheduled_at__gt=now,
        scheduled_at__lte=now + REMIND_BEFORE,
        tournament__status=LIVE,
    )
