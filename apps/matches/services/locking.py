"""Locks a match after its tournament, and checks what a user may do to it."""

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.matches import exceptions
from apps.matches.models import MAX_SCORE, Match
from apps.matches.selectors import may_decide, with_entrants
from apps.matches.types import Registration, Tournament

Score = tuple[int, int]
LIVE = "live"


def match_locked(match_id: int) -> Match:
    """Raises MatchNotFound."""
    tournament = tournament_locked(Match.objects.filter(pk=match_id))
    if tournament is None:
        raise exceptions.MatchNotFound
    match = with_entrants().select_for_update(of=("self",)).filter(pk=match_id).first()
    if match is None:  # a reset that was deleted meanwhile
        raise exceptions.MatchNotFound
    match.tournament = tournament
    return match


def tournament_locked(matches: QuerySet[Match]) -> Tournament | None:
    """Locks the tournament that all of these matches belong to. None if there are none."""
    with_tournament = matches.select_related("tournament")
    match = with_tournament.select_for_update(of=("tournament",), no_key=True).first()
    return match.tournament if match else None


def side_of(match: Match, user: User) -> Registration:
    """The entrant for whom the user acts. Raises NotYourMatch."""
    side = match.side_of(user)
    if side is None:
        raise exceptions.NotYourMatch
    return side


def check_organizer(match: Match, user: User) -> None:
    """Raises NotTheOrganizer."""
    if not may_decide(match, user):
        raise exceptions.NotTheOrganizer


def check_open(match: Match) -> None:
    """Raises MatchAlreadyCompleted, TournamentNotLive, MatchNotReady."""
    if match.status == Match.Status.COMPLETED:
        raise exceptions.MatchAlreadyCompleted
    if match.tournament.status != LIVE:
        raise exceptions.TournamentNotLive
    if match.status == Match.Status.PENDING:
        raise exceptions.MatchNotReady


def check_score(match: Match, score: Score) -> None:
    """The winner of a best of 3, 5 or 7 has won just over half of its games, of a best of 1 has
    more points. Raises ScoreIsDraw, ScoreNotPossible."""
    low, high = sorted(score)
    if low < 0 or high > MAX_SCORE:
        raise exceptions.ScoreNotPossible(score=f"must be from 0 to {MAX_SCORE}")
    if low == high:
        raise exceptions.ScoreIsDraw(score="scores can't be tied")
    best_of, needed = match.tournament.best_of, wins_needed(match)
    if best_of > 1 and high != needed:
        raise exceptions.ScoreNotPossible(
            score=f"in a best of {best_of} the winner must have {needed} wins"
        )


def wins_needed(match: Match) -> int:
    return match.tournament.best_of // 2 + 1
