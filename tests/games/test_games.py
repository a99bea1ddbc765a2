import pytest

from apps.events.recording import since
from apps.games.exceptions import BadGame, TooManyGames, UnknownGame
from apps.games.models import MAX_GAMES, Game
from apps.games.selectors import game_get, game_list
from apps.games.services import game_save

pytestmark = pytest.mark.django_db


def test_the_table_begins_with_what_is_played() -> None:
    assert game_get(title="VALORANT").roster_min == 5


def test_a_game_is_added_and_changed_and_both_are_on_the_record() -> None:
    game_save(title="Quake", roster_min=1, roster_max=2)
    game_save(title="Quake", roster_min=2, roster_max=4)
    assert game_get(title="Quake").roster_max == 4
    assert [event.data["roster_max"] for event in since("games", 0)] == [2, 4]


def test_a_retired_game_is_for_no_new_tournament() -> None:
    game_save(title="Quake", roster_min=1, roster_max=2, retired=True)
    assert "Quake" not in [game.title for game in game_list()]
    with pytest.raises(UnknownGame):
        game_get(title="Quake")


@pytest.mark.parametrize(("least", "most"), [(0, 1), (3, 2), (1, 21)])
def test_a_roster_has_to_make_sense(least: int, most: int) -> None:
    with pytest.raises(BadGame):
        game_save(title="Quake", roster_min=least, roster_max=most)
    assert not Game.objects.filter(title="Quake").exists()


@pytest.mark.parametrize("title", ["", "x" * 41, "a\x00b"])
def test_a_title_fits_its_column(title: str) -> None:
    with pytest.raises(BadGame):
        game_save(title=title, roster_min=1, roster_max=1)


def test_the_label_has_its_bound() -> None:
    more = MAX_GAMES - Game.objects.count()
    Game.objects.bulk_create(Game(title=f"Game {n}") for n in range(more))
    with pytest.raises(TooManyGames):
        game_save(title="One more", roster_min=1, roster_max=1)
    game_save(title="Game 0", roster_min=1, roster_max=1)  # no addition
