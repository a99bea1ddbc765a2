from django.db.models import Count, Q, QuerySet

from apps.tournaments.exceptions import TournamentNotFound
from apps.tournaments.models import Registration, Tournament

ACTIVE = (Tournament.Status.REGISTRATION_OPEN, Tournament.Status.LIVE)


def tournament_list() -> QuerySet[Tournament]:
    """Each with its `entrants`: how many are confirmed."""
    confirmed = Q(registrations__status=Registration.Status.CONFIRMED)
    return Tournament.objects.select_related("organizer", "champion").annotate(
        entrants=Count("registrations", filter=confirmed)
    )


def tournament_get(*, tournament_id: int) -> Tournament:
    """Raises TournamentNotFound."""
    tournament = tournament_list().filter(pk=tournament_id).first()
    if tournament is None:
        raise TournamentNotFound
    return tournament


def tournament_exists(*, tournament_id: int) -> bool:
    return Tournament.objects.filter(pk=tournament_id).exists()


def active_titles() -> dict[int, str]:
    """The game title of each tournament that is open or live."""
    return dict(Tournament.objects.filter(status__in=ACTIVE).values_list("pk", "game_title"))
