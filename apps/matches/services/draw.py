"""From slots to rows: at the start, and later for matches that follow from results: Swiss rounds,
playoffs, and the reset of a grand final."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.core.celery.batches import run_row_batch
from apps.matches.exceptions import FormatNotPossible
from apps.matches.formats import format_of, plan_errors
from apps.matches.formats.slots import TABLES, Key, LoserOf, Seed, Slot, Source, WinnerOf
from apps.matches.models import Match
from apps.matches.selectors import DrawState
from apps.matches.services.locking import LIVE, tournament_locked
from apps.matches.services.seats import MAX_SINGLE_EVENTS, mark_ready, record_drawn, record_ready
from apps.matches.types import Registration, Tournament

BATCH_SIZE = 100


def draw_create(*, tournament: Tournament, entrants: Sequence[Registration]) -> None:
    """All matches that are known at the start, for two or more entrants in order of their seeds.
    Call with the tournament locked. Raises FormatNotPossible."""
    if errors := plan_errors(tournament, len(entrants)):
        raise FormatNotPossible(**errors)
    slots = format_of(tournament).first_slots(len(entrants))
    record_ready(_ready(_create(tournament, slots, entrants)))


def draw_due(*, tournament: Tournament) -> int:
    """Number of entrants for whom matches are due: 0 if none are, or a match is not completed."""
    unplayed = tournament.matches.exclude(status=Match.Status.COMPLETED)
    if unplayed.exists():
        return 0
    state = DrawState(tournament)
    return state.format.due(state.draw)


@transaction.atomic
def round_draw(*, tournament_id: int) -> int:
    """Creates the matches that are due, once. Returns their number."""
    tournament = tournament_locked(Match.objects.filter(tournament=tournament_id))
    if tournament is None or tournament.status != LIVE or not draw_due(tournament=tournament):
        return 0
    state = DrawState(tournament)
    matches = _create(tournament, state.format.next_slots(state.draw), state.entrants)
    record_drawn(matches)
    ready = _ready(matches)
    if len(ready) <= MAX_SINGLE_EVENTS:
        record_ready(ready)
    return len(matches)


def draws_sweep() -> int:
    """Draws rounds whose task was lost. Returns their number. Raises BatchIncomplete."""
    unplayed = Match.objects.filter(tournament=OuterRef("tournament")).exclude(
        status=Match.Status.COMPLETED
    )
    first = Match.objects.filter(stage__in=TABLES, group__lte=1, round=1, position=0)
    played = first.filter(~Exists(unplayed), tournament__status=LIVE)
    return run_row_batch(played, _draw_after, name="draws", batch_size=BATCH_SIZE)


def _draw_after(match_id: int) -> bool:
    match = Match.objects.get(pk=match_id)
    return round_draw(tournament_id=match.tournament_id) > 0


def _ready(matches: Sequence[Match]) -> list[Match]:
    return [match for match in matches if match.status == Match.Status.READY]


def _create(
    tournament: Tournament, slots: Sequence[Slot], entrants: Sequence[Registration]
) -> list[Match]:
    """In order of the slots. Matches that can be played are ready; the caller records that. Later
    turns are written first, because earlier ones refer to them."""
    created: dict[Key, Match] = {}
    seats: dict[Source, tuple[Match, int]] = {}  # the match and side that a winner or loser takes
    last_first = sorted(slots, key=lambda slot: -slot.turn)
    for turn, wave in groupby(last_first, key=lambda slot: slot.turn):
        rows = {slot: _row(tournament, slot, entrants) for slot in wave}
        for slot, match in rows.items():
            match.winner_to, match.winner_side = seats.get(WinnerOf(slot.key), (None, None))
            match.loser_to, match.loser_side = seats.get(LoserOf(slot.key), (None, None))
            if _can_be_played(match, is_first=turn == last_first[-1].turn):
                mark_ready(match, timezone.now())
        Match.objects.bulk_create(rows.values(), batch_size=500)
        for slot, match in rows.items():
            created[slot.key] = match
            seats |= {source: (match, side) for side, source in enumerate(slot.sources)}
    return [created[slot.key] for slot in slots]


def _row(tournament: Tournament, slot: Slot, entrants: Sequence[Registration]) -> Match:
    a, b = (
        entrants[source.number] if isinstance(source, Seed) else None for source in slot.sources
    )
    match = Match(tournament=tournament, entrant_a=a, entrant_b=b, **slot.key._asdict())
    if tournament.starts_at and tournament.round_minutes:
        delay = timedelta(minutes=(slot.turn - 1) * tournament.round_minutes)
        match.scheduled_at = tournament.starts_at + delay
    return match


def _can_be_played(match: Match, *, is_first: bool) -> bool:
    """Tables are played round by round, brackets as soon as both entrants are known."""
    seated = match.entrant_a is not None and match.entrant_b is not None
    return seated and (is_first or match.stage not in TABLES)
