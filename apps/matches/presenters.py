"""A match as one of its sides, its organizer, or anybody else sees it."""

from dataclasses import dataclass, field

from apps.accounts.models import User
from apps.matches.exceptions import DisputeNotFound
from apps.matches.models import Dispute, Evidence, Match, Report
from apps.matches.selectors import dispute_get, may_decide

Status = Match.Status
FOR_BOTH = {
    Status.PENDING: "It is not known yet who meets here.",
    Status.READY: "The match is on.",
    Status.REPORTED: "A result is reported, and waits for the other side.",
    Status.DISPUTED: "The two sides do not agree: the organizer decides.",
}
STAFF_DECIDE = "The two sides do not agree: staff decide, as the organizer plays in this match."
OUTCOMES = {
    Match.Outcome.FORFEIT: "won by forfeit",
    Match.Outcome.NO_SHOW: "won, as the other side did not show up",
    Match.Outcome.DECIDED: "won by decision",
}


@dataclass(frozen=True)
class Room:
    """`can`: what the one who looks on may do now."""

    words: str
    can: frozenset[str] = frozenset()
    reports: list[Report] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    note: str = ""
    signed: str = ""  # by whom the note is


def room(match: Match, user: User | None) -> Room:
    side = _side(match, user)
    decides = user is not None and may_decide(match, user)
    dispute = _dispute(match, user) if user and (side or decides) else None
    reports = list(match.reports.select_related("reporter").order_by("pk")) if dispute else []
    evidence = list(dispute.evidence.all()) if dispute else []
    has_said = any(one.entrant_id == side for one in evidence)
    can = _of_side(match, user, has_said=has_said) if side else set()
    if decides:
        can |= _of_organizer(match)
    is_on = match.tournament.status == "live"
    words = _words(match, user, takes_part=bool(side))
    allowed = frozenset(can if is_on else ())
    return Room(words, allowed, reports, evidence, *_note(match, dispute))


def _side(match: Match, user: User | None) -> int | None:
    """The id of the entrant that the user acts for."""
    sides = [one for one in (match.entrant_a, match.entrant_b) if one is not None]
    return next((one.pk for one in sides if user and one.player_id == user.pk), None)


def _dispute(match: Match, user: User) -> Dispute | None:
    try:
        return dispute_get(match_id=match.pk, user=user)
    except DisputeNotFound:
        return None


def _note(match: Match, dispute: Dispute | None) -> tuple[str, str]:
    """With who signs it: of who decides, the one who is not the organizer is staff."""
    if dispute is None or not dispute.note:
        return "", ""
    is_organizers = dispute.resolved_by_id == match.tournament.organizer_id
    return dispute.note, "The organizer" if is_organizers else "Staff"


def _of_side(match: Match, user: User | None, *, has_said: bool) -> set[str]:
    assert user is not None
    if match.status == Status.READY:
        return {"report", "forfeit"}
    if match.status == Status.REPORTED and match.reported_by_id != user.pk:
        return {"confirm", "counter", "dispute", "forfeit"}
    if match.status == Status.DISPUTED and not has_said:
        return {"dispute", "forfeit"}
    return {"forfeit"} if match.status in Match.OPEN else set()


def _of_organizer(match: Match) -> set[str]:
    if match.status in Match.OPEN:
        return {"decide", "forfeit_of"}
    return {"correct"} if match.status == Status.COMPLETED else set()


def _words(match: Match, user: User | None, *, takes_part: bool) -> str:
    if match.status == Status.COMPLETED and match.winner:
        return f"{match.winner.name} {OUTCOMES.get(Match.Outcome(match.outcome), 'won')}."
    if takes_part and match.status == Status.READY:
        return "Your match is on: play it, then report how it ended."
    if takes_part and match.status == Status.REPORTED:
        mine = user is not None and match.reported_by_id == user.pk
        return (
            "You reported the result: the other side has to answer." if mine else "Is that right?"
        )
    if match.status == Status.DISPUTED and not may_decide(match, match.tournament.organizer):
        return STAFF_DECIDE
    return FOR_BOTH[Status(match.status)]
