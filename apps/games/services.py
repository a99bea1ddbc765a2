from django.core.exceptions import ValidationError
from django.db import transaction

from apps.events.recording import record
from apps.games.events import GameChanged
from apps.games.exceptions import BadGame, TooManyGames
from apps.games.models import MAX_GAMES, Game


@transaction.atomic
def game_save(*, title: str, roster_min: int, roster_max: int, retired: bool = False) -> Game:
    """Creates or updates the game with this title. Raises TooManyGames and BadGame."""
    # Locks all games, as concurrent additions could exceed the limit.
    titles = set(Game.objects.select_for_update().values_list("title", flat=True))
    if title not in titles and len(titles) >= MAX_GAMES:
        raise TooManyGames
    game = Game(title=title, roster_min=roster_min, roster_max=roster_max, retired=retired)
    try:
        game.full_clean(validate_unique=False)
    except ValidationError as error:
        raise BadGame.from_validation_error(error) from None
    game.save(force_update=title in titles, force_insert=title not in titles)
    record(GameChanged(title=title, roster_min=roster_min, roster_max=roster_max, retired=retired))
    return game
