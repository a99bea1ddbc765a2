"""The organizer's desk."""

import re

import pytest
from django.test import Client

from apps.tournaments.models import Tournament
from tests.factories import (
    make_live,
    make_tournament,
    make_user,
    register,
)
from tests.tournaments.pages import of, path, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["nobody", "somebody"])
def test_the_desk_is_the_organizers_alone(client: Client, who: str) -> None:
    tournament = make_tournament()
    visitor = client if who == "nobody" else of(make_user())
    for answer in (
        visitor.get(path(tournament, "/desk")),
        visitor.post(path(tournament, "/desk"), {"do": "cancel"}),
    ):
        assert answer.status_code == (302 if who == "nobody" else 403)
    tournament.refresh_from_db()
    assert tournament.status == Tournament.Status.REGISTRATION_OPEN


def test_seeds_are_set_by_hand() -> None:
    tournament = make_tournament()
    first, second, third = (register(tournament) for _ in range(3))
    posted = {"do": "seeds", "entrant": [first.pk, second.pk, third.pk], "seed": ["", "2", "1"]}
    desk = of(tournament.organizer)
    assert desk.post(path(tournament, "/desk"), posted).status_code == 302
    order = tournament.registrations.exclude(seed=None).order_by("seed")
    assert list(order) == [third, second]


def test_a_seed_that_is_no_number_is_none() -> None:
    tournament = make_tournament()
    entrants = [register(tournament).pk for _ in range(3)]
    endless = "0" * 19 + "1" * 5000
    posted = {"do": "seeds", "entrant": entrants, "seed": [endless, "-1", "1"]}
    assert of(tournament.organizer).post(path(tournament, "/desk"), posted).status_code == 302
    assert tournament.registrations.get(seed=1).pk == entrants[2]
    assert tournament.registrations.exclude(seed=None).count() == 1


def test_matches_that_are_played_are_listed_page_by_page() -> None:
    tournament = make_live(120)
    desk = of(tournament.organizer)
    first = text(desk.get(path(tournament, "/desk")))
    more = re.search(r'href="\?before=(\d+)">Next page', first)
    assert more
    rest = text(desk.get(path(tournament, "/desk"), {"before": more[1]}))
    assert "Back to start" not in first
    assert "Next page" not in rest
    assert "Back to start" in rest
    shown = [re.findall(r'href="/matches/(\d+)"', page) for page in (first, rest)]
    waiting = tournament.matches.filter(status="ready").count()
    assert [len(page) for page in shown] == [50, waiting - 50]
    assert len({*shown[0], *shown[1]}) == waiting


def test_of_many_disputes_the_desk_shows_a_page_and_says_that_there_are_more() -> None:
    tournament = make_live(120)
    tournament.matches.filter(status="ready").update(status="disputed")
    desk = text(of(tournament.organizer).get(path(tournament, "/desk")))
    shown = re.findall(r'href="/matches/(\d+)"', desk)
    more = tournament.matches.filter(status="disputed").count() - 50
    assert len(shown) == 50
    assert f"+{more} more" in desk


def test_what_a_move_is_refused_with_is_told_at_the_desk() -> None:
    tournament = make_tournament()
    answer = of(tournament.organizer).post(path(tournament, "/desk"), {"do": "start"})
    assert answer.status_code == 409
    assert "You need at least two confirmed" in text(answer)


def test_the_desk_says_who_would_not_be_in_the_draw() -> None:
    tournament = make_tournament(capacity=2, entry_fee=1000)
    seated = [register(tournament).player.username for _ in range(2)]
    waits = register(tournament).player.username
    desk = text(of(tournament.organizer).get(path(tournament, "/desk")))
    assert "Will not be included if you start now: 2 unpaid, 1 on the waiting list." in desk
    seeds = desk.partition("Manual seeding")[2]
    assert all(name in seeds for name in seated)
    assert waits not in seeds
