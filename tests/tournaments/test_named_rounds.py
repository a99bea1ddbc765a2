"""A round has one name wherever a page speaks of it."""

import re

import pytest
from django.test import Client

from tests.factories import make_live, play
from tests.tournaments.pages import of, path, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("format", "places"),
    [
        ("single_elimination", {"Quarterfinal", "Semifinal", "Final"}),
        ("double_elimination",
         {"Winners bracket, round 1", "Winners bracket, round 2", "Winners final",
          "Losers bracket, round 1", "Losers bracket, round 2", "Losers bracket, round 3",
          "Losers final", "Grand final"}),
        ("round_robin", {f"Round {n}" for n in range(1, 8)}),
    ],
)  # fmt: skip
def test_a_room_says_where_in_the_draw_it_is(format: str, places: set[str]) -> None:
    tournament = make_live(8, format=format)
    answers = [Client().get(f"/matches/{one.pk}") for one in tournament.matches.all()]
    said = re.compile(r'<span class="muted">([^<]+)</span></p>')
    found = [said.search(answer.content.decode()) for answer in answers]
    assert {one[1] for one in found if one} == places


def test_my_page_and_the_desk_name_it_as_the_room_does() -> None:
    cup = make_live(4)
    semi, other = cup.matches.filter(round=1)
    final = cup.matches.get(round=2)
    play(other)
    assert semi.entrant_a
    desk, me = of(cup.organizer), of(semi.entrant_a.player)
    places = [(desk, path(cup, "/desk")), (desk, f"/matches/{semi.pk}"), (me, "/me")]
    assert [named(client, where) for client, where in places] == ["Semifinal"] * 3
    play(semi)
    places = [(desk, path(cup, "/desk")), (desk, f"/matches/{final.pk}")]
    assert [named(client, where) for client, where in places] == ["Final"] * 2


def named(client: Client, where: str) -> str:
    """The one round that the page names."""
    said = re.compile(r'class="muted(?: small)?">(?:Cup: )?([^<]*(?:inal|ound \d))<')
    words = said.findall(text(client.get(where)))
    assert len(words) == 1
    return str(words[0])
