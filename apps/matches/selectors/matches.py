from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.matches.exceptions import DisputeNotFound, MatchNotFound, NotYourMatch
from apps.matches.models import Dispute, Match


def with_entrants() -> QuerySet[Match]:
    sides = ("entrant_a", "entrant_b", "winner")
    relations = (f"{side}__{relation}" for side in sides for relation in ("player", "team"))
    return Match.objects.select_related("tournament", *relations)


def match_list(*, tournament_id: int) -> QuerySet[Match]:
    return with_entrants().filter(tournament_id=tournament_id)


def match_get(*, match_id: int) -> Match:
    """Raises MatchNotFound."""
    match = with_entrants().filter(pk=match_id).first()
    if match is None:
        raise MatchNotFound
    return match


class DisputeBacklog(NamedTuple):
    disputes: int
    oldest_age: timedelta


def disputes_open() -> QuerySet[Dispute]:
    """Open disputes of live tournaments, oldest first."""
    return (
        Dispute.objects.filter(resolved_at=None, match__tournament__status="live")
        .select_related("match__tournament", "opened_by")
        .order_by("opened_at", "pk")
    )


def dispute_backlog() -> DisputeBacklog:
    totals = disputes_open().aggregate(disputes=Count("pk"), oldest=Min("opened_at"))
    now = timezone.now()
    return DisputeBacklog(totals["disputes"], now - (totals["oldest"] or now))


def may_decide(match: Match, user: User) -> bool:
    """The organizer and staff may decide, except in a match in which they play."""
    is_organizer = user.pk == match.tournament.organizer_id
    return (is_organizer or user.is_staff) and not _plays_in(match, user)


def dispute_get(*, match_id: int, user: User) -> Dispute:
    """With its evidence, for its sides, the organizer and staff. Raises MatchNotFound,
    NotYourMatch, DisputeNotFound."""
    match = match_get(match_id=match_id)
    if not match.side_of(user) and not may_decide(match, user):
        raise NotYourMatch
    dispute = dispute_of(match)
    if dispute is None:
        raise DisputeNotFound
    return dispute


def dispute_of(match: Match) -> Dispute | None:
    """With its evidence."""
    disputes = Dispute.objects.select_related("opened_by", "resolved_by")
    return disputes.prefetch_related("evidence__author").filter(match=match).first()


def matches_won(*, game_title: str, players: Iterable[int]) -> dict[int, int]:
    """Matches won in the game by player. Players without a win are left out."""
    won = Match.objects.filter(tournament__game=game_title, winner__player__in=list(players))
    counts = won.values_list("winner__player").annotate(Count("pk")).order_by()
    return dict(counts)


def _plays_in(match: Match, user: User) -> bool:
    """As an entrant, or on the roster of a team."""
    return match.side_of(user) is not None or any(
        entrant.team_id and entrant.roster.filter(user=user).exists() for entrant in match.entrants
    )
