from django.db.models import QuerySet

from apps.matches.exceptions import MatchNotFound
from apps.matches.models import Match


def _with_players() -> QuerySet[Match]:
    return Match.objects.select_related("player_a", "player_b", "winner")


def match_list(*, tournament_id: int) -> QuerySet[Match]:
    return _with_players().filter(tournament_id=tournament_id)


def match_get(*, match_id: int) -> Match:
    """Raises MatchNotFound."""
    match = _with_players().filter(pk=match_id).first()
    if match is None:
        raise MatchNotFound
    return match
