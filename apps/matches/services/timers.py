"""What time does to matches. Each may run any number of times, and at the same time."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.core.celery.batches import run_row_batch
from apps.matches.models import Match
from apps.matches.services import event_factory
from apps.matches.services.completion import complete
from apps.matches.services.decisions import lost_by
from apps.matches.services.locking import LIVE, Score, match_locked

REMIND_BEFORE = timedelta(minutes=15)
AT_ONCE = 500  # matches a turn takes up; the next turn goes on


def no_shows_sweep() -> int:
    """Ends matches in which one side has not answered in time: what the other reported stands.
    Where both are silent the better seed goes on. Returns how many. Raises BatchIncomplete."""
    silent = _silent(timezone.now())
    return run_row_batch(silent, match_no_show, name="no-shows", batch_size=AT_ONCE)


def reminders_sweep() -> int:
    """Reminds of matches that are ready and about to begin, each once. Returns how many. Raises
    BatchIncomplete."""
    about_to_begin = _about_to_begin(timezone.now())
    return run_row_batch(about_to_begin, match_remind, name="reminders", batch_size=AT_ONCE)


@transaction.atomic
def match_no_show(match_id: int) -> bool:
    """False where somebody has answered meanwhile."""
    match = match_locked(match_id)
    if not _silent(timezone.now()).filter(pk=match_id).exists():
        return False
    complete(match, _score_by_silence(match), Match.Outcome.NO_SHOW)
    return True


@transaction.atomic
def match_remind(match_id: int) -> bool:
    """False where that has been done, or is no longer needed."""
    match = match_locked(match_id)
    now = timezone.now()
    if match.scheduled_at is None or not _about_to_begin(now).filter(pk=match_id).exists():
        return False
    match.reminded_at = now
    match.save(update_fields=["reminded_at"])
    event_factory.reminded(match, match.scheduled_at)
    return True


def _score_by_silence(match: Match) -> Score:
    if match.score_a is not None and match.score_b is not None:
        return match.score_a, match.score_b
    assert match.entrant_a is not None
    assert match.entrant_b is not None
    worse = max(match.entrant_a, match.entrant_b, key=lambda entrant: entrant.seed or 0)
    return lost_by(match, worse)


def _silent(now: datetime) -> QuerySet[Match]:
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
