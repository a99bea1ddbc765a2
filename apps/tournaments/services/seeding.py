"""In which order entrants stand in the draw. The first seed is the one held to be best."""

import random
import secrets
from collections.abc import Callable

from django.db import transaction

from apps.accounts.models import User
from apps.events.recording import record
from apps.matches.selectors import matches_won
from apps.tournaments.events import TournamentSeeded
from apps.tournaments.exceptions import BadSeeds, WrongState
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.services.locking import tournament_of_organizer

Entrants = list[Registration]
Seeding = Tournament.Seeding


@transaction.atomic
def seeds_set(*, tournament_id: int, organizer: User, order: list[int]) -> Tournament:
    """Puts the registrations first in the draw, in this order; the others follow as they signed up.
    Raises what `tournament_of_organizer` does, WrongState, BadSeeds."""
    tournament = tournament_of_organizer(tournament_id, organizer)
    if tournament.status not in Tournament.BEFORE_THE_START:
        raise WrongState
    seated = tournament.registrations.filter(status__in=Registration.HOLDS_SEAT)
    by_id = {registration.pk: registration for registration in seated}
    if len(set(order)) != len(order) or not by_id.keys() >= set(order):
        raise BadSeeds(order="must name entrants of this tournament, each once")
    tournament.registrations.update(seed=None)
    _number([by_id[pk] for pk in order])
    tournament.seeding = Seeding.MANUAL
    tournament.save(update_fields=["seeding"])
    record(TournamentSeeded(tournament_id=tournament.pk, order=order))
    return tournament


def entrants_seeded(tournament: Tournament) -> Entrants:
    """Who plays, in order of seed, which is written down. Call with the tournament locked."""
    playing = tournament.registrations.filter(status__in=Registration.PAID_FOR).order_by("pk")
    # Locked: a refund is either done, and its entrant not in the draw, or finds it begun.
    locked = playing.select_for_update(of=("self",), no_key=True)
    entrants = list(locked.select_related("player", "team"))
    ordered = ORDERS[Seeding(tournament.seeding)](tournament, entrants)
    tournament.registrations.exclude(pk__in=[one.pk for one in ordered]).update(seed=None)
    _number(ordered)
    return ordered


def _number(ordered: Entrants) -> None:
    for seed, registration in enumerate(ordered, start=1):
        registration.seed = seed
    Registration.objects.bulk_update(ordered, ["seed"], batch_size=200)


def _by_signup(tournament: Tournament, entrants: Entrants) -> Entrants:
    return entrants


def _by_rank(tournament: Tournament, entrants: Entrants) -> Entrants:
    """Who won more matches in this game comes first, then who signed up first."""
    won = matches_won(
        game_title=tournament.game_title, players=[entrant.player_id for entrant in entrants]
    )
    return sorted(entrants, key=lambda entrant: -won.get(entrant.player_id, 0))


def _at_random(tournament: Tournament, entrants: Entrants) -> Entrants:
    """With a seed that nobody knew before and everybody does after, so that the draw can be drawn
    again from the order of sign-up."""
    tournament.random_seed = secrets.token_hex(8)
    tournament.save(update_fields=["random_seed"])
    random.Random(tournament.random_seed).shuffle(entrants)  # noqa: S311 recorded, no secret
    return entrants


def _by_hand(tournament: Tournament, entrants: Entrants) -> Entrants:
    last = len(entrants) + tournament.capacity
    return sorted(entrants, key=lambda entrant: entrant.seed or last)


ORDERS: dict[Tournament.Seeding, Callable[[Tournament, Entrants], Entrants]] = {
    Seeding.SIGNUP: _by_signup,
    Seeding.RANK: _by_rank,
    Seeding.RANDOM: _at_random,
    Seeding.MANUAL: _by_hand,
}
