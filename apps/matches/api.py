from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router, Schema
from pydantic import Field

from apps.accounts.auth import user
from apps.core.api import ErrorOut, Id, Input, PersonOut
from apps.matches import selectors, services
from apps.matches.models import Match

router = Router(tags=["matches"])

Points = Annotated[int, Field(ge=0, le=999)]
MatchId = Path[Id]


class ReportIn(Input):
    score: Annotated[list[Points], Field(min_length=2, max_length=2)]


class MatchOut(Schema):
    id: int
    tournament_id: int
    round: int
    position: int
    players: list[PersonOut | None]
    score: list[int] | None
    status: str
    winner: PersonOut | None
    reported_by: int | None

    @staticmethod
    def resolve_players(match: Match) -> list[object]:
        return [match.player_a, match.player_b]

    @staticmethod
    def resolve_reported_by(match: Match) -> int | None:
        return match.reported_by_id


REFUSED = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: ErrorOut, 422: ErrorOut}


@router.get(
    "/{match_id}",
    auth=None,
    response={200: MatchOut, 404: ErrorOut, 422: ErrorOut},
    url_name="match",
)
def match_get(request: HttpRequest, match_id: MatchId) -> Match:
    return selectors.match_get(match_id=match_id)


@router.post("/{match_id}/report", response={200: MatchOut, **REFUSED}, url_name="match_report")
def match_report(request: HttpRequest, match_id: MatchId, data: ReportIn) -> Match:
    score = (data.score[0], data.score[1])
    return services.match_report(match_id=match_id, player=user(request), score=score)


@router.post("/{match_id}/confirm", response={200: MatchOut, **REFUSED}, url_name="match_confirm")
def match_confirm(request: HttpRequest, match_id: MatchId) -> Match:
    return services.match_confirm(match_id=match_id, player=user(request))
