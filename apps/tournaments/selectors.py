from collections.abc import Callable

from django.db.models import Count, Q, QuerySet

from apps.accounts.models import User
from apps.tournaments.exceptions import TournamentNotFound
from apps.tournaments.models import Registration, Tournament

# Returns the signed-in user; called only if the answer depends on it.
Viewer = Callable[[], User | None]
ACTIVE = (*Tournament.BEFORE_START, Tournament.Status.LIVE)


def tournament_list() -> QuerySet[Tournament]:
    """With `entrants`, the number of confirmed registrations."""
    confirmed = Q(registrations__status__in=Registration.PAID)
    return Tournament.objects.select_related("organizer", "champion").annotate(
        entrants=Count("registrations", filter=confirmed)
    )


def tournament_get(*, tournament_id: int) -> Tournament:
    """Raises TournamentNotFound."""
    tournament = tournament_list().filter(pk=tournament_id).first()
    if tournament is None:
        raise TournamentNotFound
    return tournament


def may_see(tournament: Tournament, viewer: Viewer) -> bool:
    """A draft is visible to its organizer and staff only."""
    if tournament.opened_at is not None:
        return True
    user = viewer()
    return user is not None and (user.is_staff or user.pk == tournament.organizer_id)


def tournaments_seen_by(user: User | None) -> QuerySet[Tournament]:
    tournaments = tournament_list()
    if user is not None and user.is_staff:
        return tournaments
    return tournaments.filter(Q(opened_at__isnull=False) | Q(organizer=user))


def tournament_seen_by(viewer: Viewer, *, tournament_id: int) -> Tournament:
    """Raises TournamentNotFound, also for a draft that the viewer may not see."""
    tournament = tournament_get(tournament_id=tournament_id)
    if not may_see(tournament, viewer):
        raise TournamentNotFound
    return tournament


def registration_list() -> QuerySet[Registration]:
    return Registration.objects.select_related("tournament", "player", "team")


def seats_free(tournament: Tournament) -> int:
    """Registrations with a payment due hold a seat."""
    taken = tournament.registrations.filter(status__in=Registration.HOLDS_SEAT).count()
    return tournament.capacity - taken


def tournament_exists(*, tournament_id: int, viewer: Viewer) -> bool:
    tournament = Tournament.objects.filter(pk=tournament_id).first()
    return tournament is not None and may_see(tournament, viewer)


def active_titles() -> dict[int, str]:
    """Game titles of open and live tournaments, by id."""
    return dict(Tournament.objects.filter(status__in=ACTIVE).values_list("pk", "game_id"))
