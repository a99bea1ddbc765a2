from django.http import HttpRequest
from ninja import Body, Path, Router

from apps.accounts.auth import user
from apps.api.schemas import Id
from apps.matches import selectors, services
from apps.matches.models import Dispute, Match
from apps.matches.schemas import (
    DecideIn,
    DisputeIn,
    DisputeOut,
    ForfeitIn,
    MatchOut,
    ReportIn,
    ScoreIn,
)

router = Router(tags=["matches"])

MatchId = Path[Id]


@router.get("/{match_id}", auth=None, response=MatchOut, url_name="match", summary="Get match")
def match_get(request: HttpRequest, match_id: MatchId) -> Match:
    return selectors.match_get(match_id=match_id)


@router.get(
    "/{match_id}/dispute", response=DisputeOut, url_name="match_dispute", summary="Get dispute"
)
def dispute_get(request: HttpRequest, match_id: MatchId) -> Dispute:
    """Readable for the two sides, the organizer and staff."""
    return selectors.dispute_get(match_id=match_id, user=user(request))


@router.post("/{match_id}/report", response=MatchOut, summary="Report score")
def match_report(request: HttpRequest, match_id: MatchId, data: ReportIn) -> Match:
    return services.match_report(
        match_id=match_id, player=user(request), score=data.pair(), evidence=data.evidence
    )


@router.post("/{match_id}/confirm", response=MatchOut, summary="Confirm result")
def match_confirm(request: HttpRequest, match_id: MatchId) -> Match:
    return services.match_confirm(match_id=match_id, player=user(request))


@router.post("/{match_id}/dispute", response=MatchOut, summary="Dispute result")
def match_dispute(request: HttpRequest, match_id: MatchId, data: DisputeIn) -> Match:
    return services.match_dispute(match_id=match_id, player=user(request), evidence=data.evidence)


@router.post("/{match_id}/decide", response=MatchOut, summary="Set result")
def match_decide(request: HttpRequest, match_id: MatchId, data: DecideIn) -> Match:
    return services.match_decide(
        match_id=match_id, organizer=user(request), score=data.pair(), note=data.note
    )


@router.post("/{match_id}/forfeit", response=MatchOut, summary="Forfeit match")
def match_forfeit(
    request: HttpRequest, match_id: MatchId, data: Body[ForfeitIn | None] = None
) -> Match:
    """Players forfeit their own match; the organizer names the entrant."""
    entrant_id = data.entrant_id if data else None
    return services.match_forfeit(match_id=match_id, by=user(request), entrant_id=entrant_id)


@router.post("/{match_id}/correct", response=MatchOut, summary="Correct result")
def match_correct(request: HttpRequest, match_id: MatchId, data: ScoreIn) -> Match:
    return services.match_correct(match_id=match_id, organizer=user(request), score=data.pair())
