import pytest

from apps.games.exceptions import BadGame, TooManyGames, UnknownGame
from apps.games.models import MAX_GAMES, Game
from apps.games.selectors import game_get, game_list
from apps.games.services import game_save

pytestmark = pytest.mark.django_db


def test_the_initial_games_are_in_the_table() -> None:
    assert game_get(title="VALORANT").roster_min == 5


def test_a_retired_game_is_unavailable() -> None:
    game_save(title="Quake", roster_min=1, roster_max=2, retired=True)
    assert "Quake" not in [game.title for game in game_list()]
    with pytest.raises(UnknownGame):
        game_get(title="Quake")


@pytest.mark.parametrize(("least", "most"), [(0, 1), (3, 2), (1, 21)])
def test_an_impossible_roster_is_invalid(least: int, most: int) -> None:
    with pytest.raises(BadGame):
        game_save(title="Quake", roster_min=least, roster_max=most)
    assert not Game.objects.filter(title="Quake").exists()


@pytest.mark.parametrize("title", ["", "x" * 41, "a\x00b"])
def test_an_impossible_title_is_invalid(title: str) -> None:
    with pytest.raises(BadGame):
        game_save(title=title, roster_min=1, roster_max=1)


def test_the_number_of_games_is_limited() -> None:
    missing = MAX_GAMES - Game.objects.count()
    Game.objects.bulk_create(Game(title=f"Game {n}") for n in range(missing))
    with pytest.raises(TooManyGames):
        game_save(title="One more", roster_min=1, roster_max=1)
    game_save(title="Game 0", roster_min=1, roster_max=1)  # an update
