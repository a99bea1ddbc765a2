"""A match as its players, its organizer or a visitor see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.accounts.models import User
from apps.matches.models import Dispute, Match, Report
from apps.matches.selectors import dispute_of, may_decide

Status = Match.Status
MESSAGES = {
    Status.PENDING: "Waiting for earlier matches to finish.",
    Status.READY: "Ready to play.",
    Status.REPORTED: "Score reported. Waiting for the opponent to confirm.",
    Status.DISPUTED: "The result is disputed. The organizer will decide.",
}
STAFF_DECIDE = (
    "The result is disputed. Staff will decide, because the organizer is a player in this match."
)
OUTCOMES = {
    Match.Outcome.FORFEIT: "won by forfeit",
    Match.Outcome.NO_SHOW: "won by no-show",
    Match.Outcome.DECIDED: "won by organizer decision",
}


@dataclass(frozen=True)
class MatchPresenter:
    """`can`: the actions that the user may take now. Visitors see no dispute and no reports."""

    message: str
    can: set[str]
    dispute: Dispute | None
    reports: Sequence[Report]


def present(match: Match, user: User | None) -> MatchPresenter:
    side = match.side_of(user)
    decides = user is not None and may_decide(match, user)
    dispute = dispute_of(match) if side or decides else None
    reports = list(match.reports.select_related("reporter").order_by("pk")) if dispute else []
    can: set[str] = set()
    if user and side:
        evidence = dispute.evidence.all() if dispute else ()
        has_stated = any(statement.entrant_id == side.pk for statement in evidence)
        can |= _player_actions(match, user, has_stated=has_stated)
    if decides:
        can |= _organizer_actions(match)
    if match.tournament.status != "live":
        can = set()
    message = _message(match, user, plays=side is not None)
    return MatchPresenter(message, can, dispute, reports)


def _player_actions(match: Match, user: User, *, has_stated: bool) -> set[str]:
    if match.status == Status.READY:
        return {"report", "forfeit"}
    if match.status == Status.REPORTED and match.reported_by_id != user.pk:
        return {"confirm", "counter", "dispute", "forfeit"}
    if match.status == Status.DISPUTED and not has_stated:
        return {"dispute", "forfeit"}
    return {"forfeit"} if match.status in Match.OPEN else set()


def _organizer_actions(match: Match) -> set[str]:
    if match.status in Match.OPEN:
        return {"decide", "forfeit_of"}
    return {"correct"} if match.status == Status.COMPLETED else set()


def _message(match: Match, user: User | None, *, plays: bool) -> str:
    if match.status == Status.COMPLETED and match.winner:
        return f"{match.winner.name} {_outcome(match)}."
    if plays and match.status == Status.READY:
        return "Play your match, then report the score."
    if plays and match.status == Status.REPORTED:
        if user and match.reported_by_id == user.pk:
            return "You reported the score. Waiting for your opponent to confirm."
        return "Your opponent reported this score. Is it correct?"
    if match.status == Status.DISPUTED and not may_decide(match, match.tournament.organizer):
        return STAFF_DECIDE
    return MESSAGES[Status(match.status)]


def _outcome(match: Match) -> str:
    if match.outcome in OUTCOMES:
        return OUTCOMES[Match.Outcome(match.outcome)]
    high, low = sorted(match.score or (0, 0), reverse=True)
    return f"won {high}–{low}"
