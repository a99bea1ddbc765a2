"""A tournament's row is the lock for every change in it. Call inside a transaction.

A trap: Postgres checks a foreign key at commit if a row was written twice, and takes a share lock
on the tournament. This happens for a payment that confirms and checks in. `no_key` allows that
lock.
"""

from apps.accounts.models import User
from apps.tournaments.exceptions import NotYourTournament, RegistrationNotFound, TournamentNotFound
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.selectors import may_see


def tournament_locked(tournament_id: int) -> Tournament:
    """Raises TournamentNotFound."""
    tournaments = Tournament.objects.select_for_update(of=("self",), no_key=True)
    tournament = tournaments.select_related("game").filter(pk=tournament_id).first()
    if tournament is None:
        raise TournamentNotFound
    return tournament


def tournament_locked_for(tournament_id: int, user: User) -> Tournament:
    """Raises TournamentNotFound, also for a draft that the user may not see."""
    tournament = tournament_locked(tournament_id)
    if not may_see(tournament, lambda: user):
        raise TournamentNotFound
    return tournament


def tournament_of_organizer(tournament_id: int, organizer: User) -> Tournament:
    """Raises TournamentNotFound, NotYourTournament."""
    tournament = tournament_locked_for(tournament_id, organizer)
    if tournament.organizer_id != organizer.pk:
        raise NotYourTournament
    return tournament


def registration_of_player(registration_id: int, player: User) -> Registration:
    """Returns the registration and locks its tournament. Raises RegistrationNotFound."""
    registrations = Registration.objects.filter(pk=registration_id, player=player)
    tournament_id = registrations.values_list("tournament_id", flat=True).first()
    if tournament_id is None:
        raise RegistrationNotFound
    tournament = tournament_locked(tournament_id)
    registration = registrations.select_related("player", "team__game").get()
    registration.tournament = tournament
    return registration
