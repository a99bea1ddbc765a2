"""From slots to rows: at the start, and for matches that follow from results."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from django.utils import timezone

from apps.matches.exceptions import FormatNotPossible
from apps.matches.formats import format_of, plan_errors
from apps.matches.formats.slots import TABLES, Key, Links, Seed, Slot, links
from apps.matches.models import Match
from apps.matches.services import event_factory
from apps.matches.services.seats import mark_ready
from apps.matches.types import Registration, Tournament


def draw_create(*, tournament: Tournament, entrants: Sequence[Registration]) -> None:
    """All matches that are known at the start, for two or more entrants in order of their seeds.
    Call with the tournament locked. Raises FormatNotPossible."""
    if errors := plan_errors(tournament, len(entrants)):
        raise FormatNotPossible(**errors)
    slots = format_of(tournament).first_slots(len(entrants))
    matches = matches_create(tournament, slots, entrants)
    event_factory.ready([match for match in matches if match.status == Match.Status.READY])


def matches_create(
    tournament: Tournament, slots: Sequence[Slot], entrants: Sequence[Registration]
) -> list[Match]:
    """In order of the slots. Matches that can be played are ready; the caller records that. Later
    turns are written first, because earlier ones refer to them."""
    onward = links(slots)
    created: dict[Key, Match] = {}
    last_first = sorted(slots, key=lambda slot: -slot.turn)
    for turn, wave in groupby(last_first, key=lambda slot: slot.turn):
        rows = {slot.key: _row(tournament, slot, entrants) for slot in wave}
        for key, match in rows.items():
            _link(match, onward[key], created)
            if _can_be_played(match, is_first=turn == last_first[-1].turn):
                mark_ready(match, timezone.now())
        Match.objects.bulk_create(rows.values(), batch_size=500)
        created |= rows
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


def _link(match: Match, onward: Links, created: dict[Key, Match]) -> None:
    if onward.winner_to:
        match.winner_to, match.winner_side = created[onward.winner_to.key], onward.winner_to.side
    if onward.loser_to:
        match.loser_to, match.loser_side = created[onward.loser_to.key], onward.loser_to.side
