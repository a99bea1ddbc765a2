import re

import pytest
from django.test import Client

from apps.tournaments.models import Tournament
from tests.factories import make_live, make_tournament, make_user, register, signed_in
from tests.tournaments.pages import path, text

pytestmark = pytest.mark.django_db


def desk_of(tournament: Tournament, before: str = "") -> str:
    organizer = signed_in(tournament.organizer)
    return text(organizer.get(path(tournament, "/desk"), {"before": before}))


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_only_the_organizer_has_access(client: Client, is_signed_in: bool) -> None:
    tournament = make_tournament()
    visitor = signed_in(make_user()) if is_signed_in else client
    for response in (
        visitor.get(path(tournament, "/desk")),
        visitor.post(path(tournament, "/desk"), {"do": "cancel"}),
    ):
        assert response.status_code == (403 if is_signed_in else 302)
    tournament.refresh_from_db()
    assert tournament.status == Tournament.Status.REGISTRATION_OPEN


@pytest.mark.parametrize(
    ("seeds", "order"),
    [(["", "2", "1"], [2, 1]), (["0" * 19 + "1" * 5000, "-1", "1"], [2])],
    ids=["valid", "not numbers"],
)
def test_manual_seeds_skip_fields_that_are_not_numbers(seeds: list[str], order: list[int]) -> None:
    tournament = make_tournament()
    entrants = [register(tournament).pk for _ in range(3)]
    posted = {"do": "seeds", "entrant": entrants, "seed": seeds}
    desk = signed_in(tournament.organizer)
    assert desk.post(path(tournament, "/desk"), posted).status_code == 302
    seeded = tournament.registrations.exclude(seed=None).order_by("seed")
    assert [entrants.index(registration.pk) for registration in seeded] == order


def test_open_matches_and_disputes_are_listed_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.tournaments.views.desk.SHOWN_PER_PAGE", 3)
    tournament = make_live(8)
    first = desk_of(tournament)
    more = re.search(r'href="\?before=(\d+)">Next page', first)
    assert more
    second = desk_of(tournament, before=more[1])
    assert "Back to start" not in first
    assert "Next page" not in second
    assert "Back to start" in second
    shown = [re.findall(r'href="/matches/(\d+)"', page) for page in (first, second)]
    assert [len(page) for page in shown] == [3, 1]
    assert len({*shown[0], *shown[1]}) == 4
    tournament.matches.filter(status="ready").update(status="disputed")
    disputes = desk_of(tournament)
    assert len(re.findall(r'href="/matches/(\d+)"', disputes)) == 3
    assert "+1 more" in disputes


def test_the_desk_lists_registrations_that_a_start_would_leave_out() -> None:
    tournament = make_tournament(capacity=2, entry_fee=1000)
    seated = [register(tournament).player.username for _ in range(2)]
    waitlisted = register(tournament).player.username
    desk = desk_of(tournament)
    assert "Will not be included if you start now: 2 unpaid, 1 on the waiting list." in desk
    seeds = desk.partition("Manual seeding")[2]
    assert all(name in seeds for name in seated)
    assert waitlisted not in seeds
