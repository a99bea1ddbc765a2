from django.http import HttpRequest
from ninja import Router, Schema

from apps.games import selectors
from apps.games.models import Game

router = Router(tags=["games"])


class GameOut(Schema):
    title: str
    roster_min: int
    roster_max: int


@router.get("", auth=None, response=list[GameOut], url_name="games", summary="List games")
def game_list(request: HttpRequest) -> list[Game]:
    return list(selectors.game_list())
