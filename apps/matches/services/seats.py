"""Entrants take their sides of a match, and the match becomes ready."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from apps.events.recording import record
from apps.matches.events import MatchReady, RoundDrawn, match_fields
from apps.matches.models import Match
from apps.matches.types import Registration

MAX_SINGLE_EVENTS = 64  # matches that become ready together, with an event each
SIDES = ("entrant_a", "entrant_b")
SEATED = [*SIDES, "status", "ready_at", "reminded_at", "forfeit_at"]


def seat(match: Match, side: int, entrant: Registration | None) -> None:
    """Fills or empties one side of a match that has not begun. With both sides filled, the match is
    ready."""
    setattr(match, SIDES[side], entrant)
    if match.entrant_a_id and match.entrant_b_id:
        make_ready([match])
        return
    match.status = Match.Status.PENDING
    match.ready_at = match.reminded_at = match.forfeit_at = None
    match.save(update_fields=SEATED)


def make_ready(matches: Sequence[Match]) -> None:
    now = timezone.now()
    for match in matches:
        mark_ready(match, now)
    Match.objects.bulk_update(matches, SEATED, batch_size=200)
    record_ready(matches)


def mark_ready(match: Match, now: datetime) -> None:
    match.status, match.ready_at = Match.Status.READY, now
    match.forfeit_at = forfeit_time(match, max(now, match.scheduled_at or now))


def record_ready(matches: Sequence[Match]) -> None:
    if len(matches) > MAX_SINGLE_EVENTS:
        record_drawn(matches)
        return
    for match in matches:
        entrants = match.as_entrants()
        players = [entrant["player"] for entrant in entrants]
        record(MatchReady(**match_fields(match), players=players, entrants=entrants))


def record_drawn(matches: Sequence[Match]) -> None:
    first = matches[0]
    group = first.group if len({match.group for match in matches}) == 1 else 0
    record(
        RoundDrawn(
            tournament_id=first.tournament_id,
            stage=str(first.stage),
            group=group,
            round=first.round,
            matches=len(matches),
        )
    )


def forfeit_time(match: Match, since: datetime) -> datetime | None:
    """None if the tournament has no no-show timer."""
    minutes = match.tournament.no_show_minutes
    return since + timedelta(minutes=minutes) if minutes else None
