"""A match, locked after its tournament, and who may do something to it."""

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.matches.exceptions import (
    MatchAlreadyCompleted,
    MatchNotFound,
    MatchNotReady,
    NotTheOrganizer,
    NotYourMatch,
    ScoreIsDraw,
    ScoreNotPossible,
    TournamentNotLive,
)
from apps.matches.models import Match
from apps.matches.selectors import may_decide, with_entrants
from apps.matches.types import Registration, Tournament

Score = tuple[int, int]
LIVE = "live"


def match_locked(match_id: int) -> Match:
    """Raises MatchNotFound."""
    tournament = tournament_locked(Match.objects.filter(pk=match_id))
    if tournament is None:
        raise MatchNotFound
    match = with_entrants().select_for_update(of=("self",)).filter(pk=match_id).first()
    if match is None:  # called off while we waited: a reset that is not needed
        raise MatchNotFound
    match.tournament = tournament
    return match


def tournament_locked(matches: QuerySet[Match]) -> Tournament | None:
    """Locks the tournament that all of these matches belong to. None if there are none."""
    with_tournament = matches.select_related("tournament")
    match = with_tournament.select_for_update(of=("tournament",), no_key=True).first()
    return match.tournament if match else None


def side_of(match: Match, user: User) -> Registration:
    """The entrant for whom the user acts. Raises NotYourMatch."""
    for entrant in (match.entrant_a, match.entrant_b):
        if entrant is not None and entrant.player_id == user.pk:
            return entrant
    raise NotYourMatch


def check_organizer(match: Match, user: User) -> None:
    """Raises NotTheOrganizer."""
    if not may_decide(match, user):
        raise NotTheOrganizer


def check_open(match: Match) -> None:
    """Raises MatchAlreadyCompleted, TournamentNotLive, MatchNotReady."""
    if match.status == Match.Status.COMPLETED:
        raise MatchAlreadyCompleted
    if match.tournament.status != LIVE:
        raise TournamentNotLive
    if match.status == Match.Status.PENDING:
        raise MatchNotReady


def check_score(match: Match, score: Score) -> None:
    """Who wins a best of 3, 5 or 7 has won just over half of its games; a single one is won by
    points. Raises ScoreIsDraw, ScoreNotPossible."""
    low, high = sorted(score)
    if low < 0 or high > 999:
        raise ScoreNotPossible(score="must be from 0 to 999")
    if low == high:
        raise ScoreIsDraw(score=_what_wins(match))
    if match.tournament.best_of > 1 and high != wins_needed(match):
        raise ScoreNotPossible(score=_what_wins(match))


def _what_wins(match: Match) -> str:
    if match.tournament.best_of == 1:
        return "one side has to have more points"
    return f"the winner of a best of {match.tournament.best_of} has {wins_needed(match)}"


def wins_needed(match: Match) -> int:
    return match.tournament.best_of // 2 + 1
