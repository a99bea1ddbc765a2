"""Every page uses the same name for a round."""

import re

import pytest
from django.test import Client

from tests.factories import make_live, play, signed_in
from tests.tournaments.pages import path, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("format", "entrants", "names"),
    [
        ("single_elimination", 8, {"Quarterfinal", "Semifinal", "Final"}),
        ("double_elimination", 8,
         {"Winners bracket, round 1", "Winners bracket, round 2", "Winners final",
          "Losers bracket, round 1", "Losers bracket, round 2", "Losers bracket, round 3",
          "Losers final", "Grand final"}),
        ("round_robin", 4, {"Round 1", "Round 2", "Round 3"}),
    ],
)  # fmt: skip
def test_a_match_room_shows_its_round(format: str, entrants: int, names: set[str]) -> None:
    tournament = make_live(entrants, format=format)
    pages = [text(Client().get(f"/matches/{match.pk}")) for match in tournament.matches.all()]
    label = re.compile(r'<span class="muted">([^<]+)</span></p>')
    assert {name for page in pages for name in label.findall(page)} == names


def test_my_page_the_desk_and_the_match_room_use_the_same_name() -> None:
    tournament = make_live(4)
    semi, other = tournament.matches.filter(round=1)
    final = tournament.matches.get(round=2)
    play(other)
    assert semi.entrant_a
    desk, player = signed_in(tournament.organizer), signed_in(semi.entrant_a.player)
    pages = [(desk, path(tournament, "/desk")), (desk, f"/matches/{semi.pk}"), (player, "/me")]
    assert [round_name(client, url) for client, url in pages] == ["Semifinal"] * 3
    play(semi)
    pages = [(desk, path(tournament, "/desk")), (desk, f"/matches/{final.pk}")]
    assert [round_name(client, url) for client, url in pages] == ["Final"] * 2


def round_name(client: Client, url: str) -> str:
    label = re.compile(r'class="muted(?: small)?">(?:Cup: )?([^<]*(?:inal|ound \d))<')
    [name] = label.findall(text(client.get(url)))
    return str(name)
