"""My page, and the lists it goes on in."""

import re

import pytest
from django.test import TestCase

from apps.teams.services import invitation_create
from tests.factories import (
    make_live,
    make_team,
    make_tournament,
    make_user,
    play_all,
    register,
)
from tests.tournaments.pages import of, path, text

pytestmark = pytest.mark.django_db


def test_my_page_shows_what_is_mine_and_nothing_of_others() -> None:
    mine, theirs = make_tournament(name="Where I play"), make_tournament(name="Where they play")
    me = register(mine).player
    register(theirs)
    page = text(of(me).get("/me"))
    assert "Where I play" in page
    assert "Where they play" not in page


def test_a_hostile_name_is_text_everywhere() -> None:
    hostile = "<script>alert(1)</script>"
    tournament = make_tournament(name=hostile, rules=hostile)
    me = register(tournament).player
    for where in ("/", path(tournament), "/me"):
        assert hostile not in of(me).get(where).content.decode()


def test_what_was_won_is_in_the_wallet_with_what_for(tasks_in_process: None) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        tournament = make_live(2, prize_coins=900)
        play_all(tournament)
    tournament.refresh_from_db()
    assert tournament.champion
    page = text(of(tournament.champion).get("/me"))
    assert re.search(r"Prize .*\+900", re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_long_lists_of_mine_go_on_page_by_page() -> None:
    me = make_user()
    made = [make_tournament(me, name=f"Number {n:02}") for n in range(60)]
    first = text(of(me).get("/me"))
    assert "/me/all/organized" in first
    page = text(of(me).get("/me/all/organized"))
    older = re.search(r"\?before=(\d+)", page)
    assert older
    rest = text(of(me).get("/me/all/organized", {"before": older[1]}))
    shown = re.findall(r">Number (\d\d)</a>", page + rest)
    assert shown == [one.name[-2:] for one in reversed(made)]


@pytest.mark.parametrize("name", ["entered", "organized", "payments", "coins"])
def test_each_of_my_lists_is_there_though_it_is_empty(name: str) -> None:
    assert of(make_user()).get(f"/me/all/{name}").status_code == 200


def test_there_is_no_list_of_something_else() -> None:
    assert of(make_user()).get("/me/all/secrets").status_code == 404


def test_it_says_that_a_team_asks() -> None:
    team, me = make_team(), make_user()
    assert "team invitation" not in text(of(me).get("/me"))
    invitation_create(team_id=team.pk, captain=team.captain, username=me.username)
    assert "1 team invitation</a>." in " ".join(text(of(me).get("/me")).split())
