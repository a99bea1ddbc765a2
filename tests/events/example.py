"""An event for the tests of `apps.events`, which must not depend on the domain."""

from typing import Any

from django.db import transaction
from prometheus_client import Counter

from apps.events.models import EventRecord
from apps.events.recording import Event, record

STREAM = "game:17"

games_won = Counter("example_games_won_total", "Games of the tests.")


class GameWon(Event):
    name = "game.won"
    stream = "game:{game_id}"

    game_id: int
    moves: int
    winner: dict[str, Any] | None = None

    def count(self) -> None:
        games_won.inc()


@transaction.atomic
def win(game_id: int = 17, *, moves: int = 1, **change: Any) -> None:
    record(GameWon(game_id=game_id, moves=moves), **change)


def records() -> list[EventRecord]:
    return list(EventRecord.objects.filter(stream=STREAM).order_by("seq"))
