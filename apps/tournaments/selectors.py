from collections.abc import Callable

from django.db.models import Count, Q, QuerySet

from apps.accounts.models import User
from apps.tournaments.exceptions import TournamentNotFound
from apps.tournaments.models import Registration, Tournament

# Who looks, asked only where it matters.
Viewer = Callable[[], User | None]
ACTIVE = (*Tournament.BEFORE_THE_START, Tournament.Status.LIVE)


def tournament_list() -> QuerySet[Tournament]:
    """Each with its `entrants`: how many are confirmed."""
    confirmed = Q(registrations__status__in=Registration.PAID_FOR)
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
    """What was never opened is for its organizer and for staff."""
    if tournament.opened_at is not None:
        return True
    user = viewer()
    return user is not None and (user.is_staff or user.pk == tournament.organizer_id)


def tournaments_seen_by(user: User | None) -> QuerySet[Tournament]:
    found = tournament_list()
    if user is not None and user.is_staff:
        return found
    return found.filter(Q(opened_at__isnull=False) | Q(organizer=user))


def tournament_seen_by(viewer: Viewer, *, tournament_id: int) -> Tournament:
    """Raises TournamentNotFound, for one that is not theirs to see too."""
    tournament = tournament_get(tournament_id=tournament_id)
    if not may_see(tournament, viewer):
        raise TournamentNotFound
    return tournament


def registration_list() -> QuerySet[Registration]:
    return Registration.objects.select_related("tournament", "player", "team")


def seats_free(tournament: Tournament) -> int:
    """Seats that are still to be paid for are taken."""
    taken = tournament.registrations.filter(status__in=Registration.HOLDS_SEAT).count()
    return tournament.capacity - taken


def tournament_exists(*, tournament_id: int, viewer: Viewer) -> bool:
    """For who looks."""
    tournament = Tournament.objects.filter(pk=tournament_id).first()
    return tournament is not None and may_see(tournament, viewer)


def active_titles() -> dict[int, str]:
    """The game title of each tournament that is open or live."""
    return dict(Tournament.objects.filter(status__in=ACTIVE).values_list("pk", "game_id"))
