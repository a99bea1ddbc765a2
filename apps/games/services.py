from django.core.exceptions import ValidationError
from django.db import transaction

from apps.events.recording import record
from apps.games.events import GameChanged
from apps.games.exceptions import BadGame, TooManyGames
from apps.games.models import MAX_GAMES, Game


@transaction.atomic
def game_save(*, title: str, roster_min: int, roster_max: int, retired: bool = False) -> Game:
    """Adds the game, or changes the one of that title. Raises TooManyGames, BadGame."""
    games = Game.objects.select_for_update()
    known = {game.title for game in games}  # locked all, so that two additions take turns
    if title not in known and len(known) >= MAX_GAMES:
        raise TooManyGames
    game = Game(title=title, roster_min=roster_min, roster_max=roster_max, retired=retired)
    try:
        game.full_clean(validate_unique=False)
    except ValidationError as fault:
        raise BadGame.of(fault) from None
    game.save(force_update=title in known, force_insert=title not in known)
    record(GameChanged(title=title, roster_min=roster_min, roster_max=roster_max, retired=retired))
    return game
