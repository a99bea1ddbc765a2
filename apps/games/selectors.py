from django.db.models import QuerySet

from apps.games.exceptions import UnknownGame
from apps.games.models import Game


def game_list() -> QuerySet[Game]:
    """What a new tournament or team can be for."""
    return Game.objects.filter(retired=False)


def game_get(*, title: str) -> Game:
    """Raises UnknownGame, for a retired one too."""
    game = game_list().filter(title=title).first()
    if game is None:
        raise UnknownGame(game_title="is not one of the games played here")
    return game
