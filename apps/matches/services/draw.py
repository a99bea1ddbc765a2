"""From places on paper to rows: at the start, and for what is drawn later."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from django.utils import timezone

from apps.matches.draw_state import rules_of
from apps.matches.exceptions import FormatNotPossible
from apps.matches.formats.slots import Key, Links, Place, Seed, Stage, links
from apps.matches.models import Match
from apps.matches.services import event_factory
from apps.matches.services.seats import mark_ready
from apps.matches.types import Registration, Tournament


def rounds_known(*, tournament: Tournament, entrants: int) -> int:
    """How many rounds there will be, as far as is known at the start."""
    return rules_of(tournament).rounds(entrants)


def draw_create(*, tournament: Tournament, entrants: Sequence[Registration]) -> int:
    """All matches that are known at the start, for two or more entrants in order of their seeds;
    who has a bye goes on at once. Returns the number of rounds known. Call inside the transaction
    that has the tournament locked. Raises FormatNotPossible."""
    rules = rules_of(tournament)
    if faults := rules.faults(len(entrants)):
        raise FormatNotPossible(**faults)
    matches = matches_create(tournament, rules.first_draw(len(entrants)), entrants)
    event_factory.ready([match for match in matches if match.status == Match.Status.READY])
    return rules.rounds(len(entrants))


def matches_create(
    tournament: Tournament, places: Sequence[Place], entrants: Sequence[Registration]
) -> list[Match]:
    """In order of places. Those that can be played are ready, for the caller to announce. Those
    that are played last are written first, as the others refer to them."""
    onward = links(places)
    made: dict[Key, Match] = {}
    last_first = sorted(places, key=lambda place: -place.turn)
    for turn, wave in groupby(last_first, key=lambda place: place.turn):
        rows = {place.key: _row(tournament, place, entrants) for place in wave}
        for key, match in rows.items():
            _link(match, onward[key], made)
            if _can_be_played(match, opens=turn == last_first[-1].turn):
                mark_ready(match, timezone.now())
        Match.objects.bulk_create(rows.values(), batch_size=500)
        made |= rows
    return [made[place.key] for place in places]


def _row(tournament: Tournament, place: Place, entrants: Sequence[Registration]) -> Match:
    a, b = (entrants[one.number] if isinstance(one, Seed) else None for one in place.sources)
    match = Match(tournament=tournament, entrant_a=a, entrant_b=b, **place.key._asdict())
    if tournament.starts_at and tournament.round_minutes:
        before = timedelta(minutes=(place.turn - 1) * tournament.round_minutes)
        match.scheduled_at = tournament.starts_at + before
    return match


def _can_be_played(match: Match, *, opens: bool) -> bool:
    """A table goes round by round; in a bracket whoever has an opponent may play."""
    seated = match.entrant_a is not None and match.entrant_b is not None
    return seated and (opens or match.stage not in (Stage.TABLE, Stage.GROUP))


def _link(match: Match, onward: Links, made: dict[Key, Match]) -> None:
    if onward.winner_to:
        match.winner_to, match.winner_slot = made[onward.winner_to.key], onward.winner_to.slot
    if onward.loser_to:
        match.loser_to, match.loser_slot = made[onward.loser_to.key], onward.loser_to.slot
