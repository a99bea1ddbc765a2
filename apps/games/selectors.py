from django.db.models import QuerySet

from apps.games.exceptions import UnknownGame
from apps.games.models import Game


def game_list() -> QuerySet[Game]:
    """Games for new tournaments and teams."""
    return Game.objects.filter(retired=False)


def game_get(*, title: str) -> Game:
    """Raises UnknownGame, also for a retired game."""
    game = game_list().filter(title=title).first()
    if game is None:
        raise UnknownGame(game_title="is not an available game")
    return game
