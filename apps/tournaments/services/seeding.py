"""The order of entrants in the draw. Seed 1 is the strongest."""

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
    """Sets manual seeds in this order; other registrations follow in registration order. Raises
    what `tournament_of_organizer` does, WrongState, BadSeeds."""
    tournament = tournament_of_organizer(tournament_id, organizer)
    if tournament.status not in Tournament.BEFORE_START:
        raise WrongState
    seated = tournament.registrations.filter(status__in=Registration.HOLDS_SEAT)
    by_id = {registration.pk: registration for registration in seated}
    if len(set(order)) != len(order) or not by_id.keys() >= set(order):
        raise BadSeeds(order="must list entrants of this tournament, each once")
    tournament.registrations.update(seed=None)
    _number([by_id[pk] for pk in order])
    tournament.seeding = Seeding.MANUAL
    tournament.save(update_fields=["seeding"])
    record(TournamentSeeded(tournament_id=tournament.pk, order=order))
    return tournament


def entrants_seeded(tournament: Tournament) -> Entrants:
    """Playing entrants in seed order. Stores the seeds. Call with the tournament locked."""
    playing = tournament.registrations.filter(status__in=Registration.PAID).order_by("pk")
    # Locked, so that a concurrent refund happens before the draw or sees the started tournament.
    locked = playing.select_for_update(of=("self",), no_key=True)
    entrants = list(locked.select_related("player", "team"))
    ordered = ORDERS[Seeding(tournament.seeding)](tournament, entrants)
    tournament.registrations.exclude(pk__in=[entrant.pk for entrant in ordered]).update(seed=None)
    _number(ordered)
    return ordered


def _number(ordered: Entrants) -> None:
    for seed, registration in enumerate(ordered, start=1):
        registration.seed = seed
    Registration.objects.bulk_update(ordered, ["seed"], batch_size=200)


def _by_wins(tournament: Tournament, entrants: Entrants) -> Entrants:
    """By matches won in this game, then in registration order."""
    won = matches_won(
        game_title=tournament.game_title, players=[entrant.player_id for entrant in entrants]
    )
    return sorted(entrants, key=lambda entrant: -won.get(entrant.player_id, 0))


def _random(tournament: Tournament, entrants: Entrants) -> Entrants:
    """Publishes the random seed, so that anyone can repeat the draw from the registration order."""
    tournament.random_seed = secrets.token_hex(8)
    tournament.save(update_fields=["random_seed"])
    random.Random(tournament.random_seed).shuffle(entrants)  # noqa: S311 the seed is public
    return entrants


def _manual(tournament: Tournament, entrants: Entrants) -> Entrants:
    last = len(entrants) + tournament.capacity
    return sorted(entrants, key=lambda entrant: entrant.seed or last)


ORDERS: dict[Tournament.Seeding, Callable[[Tournament, Entrants], Entrants]] = {
    Seeding.SIGNUP: lambda tournament, entrants: entrants,
    Seeding.RANK: _by_wins,
    Seeding.RANDOM: _random,
    Seeding.MANUAL: _manual,
}
