import re

import pytest

from apps.teams.services import invitation_create
from apps.tournaments.services import prize_pay
from tests import factories
from tests.factories import make_team, make_tournament, make_user, register, signed_in
from tests.tournaments.pages import path, text

pytestmark = pytest.mark.django_db


def test_my_page_shows_only_my_tournaments() -> None:
    mine, theirs = make_tournament(name="Mine"), make_tournament(name="Theirs")
    user = register(mine).player
    register(theirs)
    page = text(signed_in(user).get("/me"))
    assert ">Mine</a>" in page
    assert "Theirs" not in page


def test_html_in_a_name_is_escaped() -> None:
    hostile = "<script>alert(1)</script>"
    tournament = make_tournament(name=hostile, rules=hostile)
    client = signed_in(register(tournament).player)
    for url in ("/", path(tournament), "/me"):
        assert hostile not in client.get(url).content.decode()


def test_a_prize_is_listed_in_the_wallet() -> None:
    tournament = factories.make_live(prize_coins=900)
    factories.play_all(tournament)
    prize_pay(tournament_id=tournament.pk)
    tournament.refresh_from_db()
    assert tournament.champion
    page = text(signed_in(tournament.champion).get("/me"))
    assert re.search(r"Prize .*\+900", re.sub(r"<[^>]+>", " ", page))


def test_every_list_can_be_empty_and_others_do_not_exist() -> None:
    client = signed_in(make_user())
    for name in ("entered", "organized", "payments", "coins"):
        assert client.get(f"/me/all/{name}").status_code == 200
    assert client.get("/me/all/secrets").status_code == 404


def test_an_invitation_is_announced() -> None:
    team, user = make_team(), make_user()
    client = signed_in(user)
    assert "team invitation" not in text(client.get("/me"))
    invitation_create(team_id=team.pk, captain=team.captain, username=user.username)
    assert "1 team invitation</a>." in text(client.get("/me"))
