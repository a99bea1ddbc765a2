from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.matches.exceptions import DisputeNotFound, MatchNotFound, NotYourMatch
from apps.matches.models import Dispute, Match
from apps.matches.types import Registration


def with_entrants() -> QuerySet[Match]:
    sides = ("entrant_a", "entrant_b", "winner")
    named = (f"{side}__{of}" for side in sides for of in ("player", "team"))
    return Match.objects.select_related("tournament", *named)


def match_list(*, tournament_id: int) -> QuerySet[Match]:
    return with_entrants().filter(tournament_id=tournament_id)


def match_get(*, match_id: int) -> Match:
    """Raises MatchNotFound."""
    match = with_entrants().filter(pk=match_id).first()
    if match is None:
        raise MatchNotFound
    return match


class Waiting(NamedTuple):
    disputes: int
    oldest: timedelta


def disputes_open() -> QuerySet[Dispute]:
    """Of tournaments that are live, those that wait for longest first."""
    return (
        Dispute.objects.filter(resolved_at=None, match__tournament__status="live")
        .select_related("match__tournament", "opened_by")
        .order_by("opened_at", "pk")
    )


def disputes_waiting() -> Waiting:
    """How many disputes are open, and for how long the oldest has been."""
    found = disputes_open().aggregate(disputes=Count("pk"), oldest=Min("opened_at"))
    now = timezone.now()
    return Waiting(found["disputes"], now - (found["oldest"] or now))


def may_decide(match: Match, user: User) -> bool:
    """The organizer, and staff for one who is away; neither in a match of their own."""
    is_organizer = user.pk == match.tournament.organizer_id
    return (is_organizer or user.is_staff) and not _plays_in(match, user)


def dispute_get(*, match_id: int, user: User) -> Dispute:
    """With the evidence of both, for the two sides and who decides. Raises MatchNotFound,
    NotYourMatch, DisputeNotFound."""
    match = match_get(match_id=match_id)
    if not _takes_part(match, user) and not may_decide(match, user):
        raise NotYourMatch
    found = Dispute.objects.select_related("opened_by", "resolved_by")
    dispute = found.prefetch_related("evidence__author").filter(match_id=match_id).first()
    if dispute is None:
        raise DisputeNotFound
    return dispute


def matches_won(*, game_title: str, players: Iterable[int]) -> dict[int, int]:
    """How many matches each has won in that game, of those who have won any."""
    won = Match.objects.filter(tournament__game=game_title, winner__player__in=list(players))
    counted = won.values_list("winner__player").annotate(Count("pk")).order_by()
    return dict(counted)


def _takes_part(match: Match, user: User) -> bool:
    return user.pk in [one.player_id for one in _entrants(match)]


def _plays_in(match: Match, user: User) -> bool:
    """On a team's roster too."""
    if _takes_part(match, user):
        return True
    return any(one.team_id and one.roster.filter(user=user).exists() for one in _entrants(match))


def _entrants(match: Match) -> list[Registration]:
    return [one for one in (match.entrant_a, match.entrant_b) if one]
