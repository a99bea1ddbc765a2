"""The forms in which a tournament is planned."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.core import context
from apps.tournaments.models import Tournament
from apps.tournaments.services import (
    tournament_edit,
    tournament_open,
    tournaments_tick,
)
from tests.factories import (
    make_tournament,
    make_user,
    register,
)
from tests.tournaments.pages import PLAN, of, path, text

pytestmark = pytest.mark.django_db


def test_a_tournament_is_made_from_the_form() -> None:
    organizer = make_user()
    answer = of(organizer).post("/tournaments/new", PLAN)
    made = Tournament.objects.get()
    assert answer.headers["Location"] == f"/tournaments/{made.pk}/desk"
    assert (made.format, made.entry_fee, made.prize_split) == ("swiss", 1250, [50, 30, 20])
    assert made.organizer == organizer


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"game_title": "Chess"}, "Select a valid choice"),
        ({"capacity": "1"}, "greater than or equal to 2"),
        ({"capacity": "1025"}, "less than or equal to 1024"),
        ({"entry_fee": "0.001"}, "no more than 2 decimal places"),
        ({"entry_fee": "NaN"}, "Enter a number."),
        ({"prize_split": "50, 40"}, "Percentages must add up to 100"),
        ({"prize_split": "a"}, "Enter percentages separated by commas."),
        ({"starts_at": "soon"}, "Enter a valid date/time."),
        ({"round_minutes": "30"}, "Is required when rounds are timed"),
    ],
)
def test_what_is_wrong_with_a_plan_stands_next_to_it(wrong: dict[str, str], says: str) -> None:
    answer = of(make_user()).post("/tournaments/new", PLAN | wrong)
    assert answer.status_code == 422
    assert says in text(answer)
    assert 'href="#id_' in text(answer)
    assert not Tournament.objects.exists()


def plan_shown(desk: Client, tournament: Tournament) -> dict[str, Any]:
    """What a browser sends of the desk's form, where nothing is changed in it."""
    form = desk.get(path(tournament, "/desk")).context["forms"]["edit"]
    values = {name: form[name].value() for name in form.fields}
    written = {name: form.fields[name].widget.format_value(value) for name, value in values.items()
               if name not in ("third_place", "team_based")}  # fmt: skip
    single = {name: one[0] if isinstance(one, list) else one for name, one in written.items()}
    return {"do": "edit"} | {name: one for name, one in single.items() if one is not None}


def test_what_another_has_changed_meanwhile_is_not_overwritten() -> None:
    tournament = make_tournament(capacity=8)
    desk = of(tournament.organizer)
    stale = plan_shown(desk, tournament) | {"rules": "Be kind."}
    tournament_edit(tournament_id=tournament.pk, organizer=tournament.organizer, capacity=32)
    answer = desk.post(path(tournament, "/desk"), stale)
    assert (answer.status_code, "Your changes weren't saved." in text(answer)) == (409, True)
    fresh = plan_shown(desk, tournament) | {"rules": "Be kind."}
    assert desk.post(path(tournament, "/desk"), fresh).status_code == 302
    tournament.refresh_from_db()
    assert (tournament.capacity, tournament.rules) == (32, "Be kind.")


def told(answer: Any) -> str:
    """Above the form."""
    notice = re.search(r'data-kind="error" role="alert">(.*?)</div>', text(answer), re.DOTALL)
    assert notice
    return re.sub(r"<[^>]+>|\s+", " ", notice[1])


def test_what_was_changed_meanwhile_is_said_and_by_whom() -> None:
    tournament = make_tournament(make_user("ada"), capacity=8, check_in_minutes=30)
    desk = of(tournament.organizer)
    stale = plan_shown(desk, tournament)
    register(tournament)
    for changed in ({"capacity": "32"}, {"no_show_minutes": "10"}):
        fresh = plan_shown(desk, tournament) | changed
        assert desk.post(path(tournament, "/desk"), fresh).status_code == 302
    words = told(desk.post(path(tournament, "/desk"), stale | {"rules": "Be kind."}))
    assert "“Max players or teams” was changed by ada." in words
    assert "“Auto-forfeit no-shows after (minutes)” was changed by ada." in words
    assert words.count("“") == 2


def test_so_is_what_was_changed_by_the_clock() -> None:
    starts_at = timezone.now() + timedelta(minutes=45)
    tournament = make_tournament(check_in_minutes=60, starts_at=starts_at)
    desk = of(tournament.organizer)
    stale = plan_shown(desk, tournament) | {"rules": "Be kind."}
    context.replace({})  # as in a worker
    assert tournaments_tick() == 1
    assert "“Status” was changed automatically." in told(
        desk.post(path(tournament, "/desk"), stale)
    )


def test_so_is_what_an_open_plan_does_not_ask_for_any_more() -> None:
    tournament = make_tournament(make_user("ada"), opened=False)
    desk = of(tournament.organizer)
    stale = plan_shown(desk, tournament) | {"rules": "Be kind."}
    changed = plan_shown(desk, tournament) | {"prize_split": "60, 40"}
    assert desk.post(path(tournament, "/desk"), changed).status_code == 302
    tournament_open(tournament_id=tournament.pk, organizer=tournament.organizer)
    words = told(desk.post(path(tournament, "/desk"), stale))
    assert "“Prize split” was changed by ada. “Status” was changed by" in words


@pytest.mark.parametrize("seq", ["", "x", "-1", "9" * 30])
def test_of_a_version_that_nobody_was_shown_only_that_is_said(seq: str) -> None:
    tournament = make_tournament()
    desk = of(tournament.organizer)
    posted = plan_shown(desk, tournament) | {"version": seq, "rules": "Be kind."}
    answer = desk.post(path(tournament, "/desk"), posted)
    assert (answer.status_code, "Your changes weren't saved." in told(answer)) == (409, True)


def test_a_draft_that_was_opened_meanwhile_is_not_changed_as_one() -> None:
    tournament = make_tournament(opened=False)
    desk = of(tournament.organizer)
    stale = plan_shown(desk, tournament) | {"name": "Renamed", "capacity": "4"}
    tournament_open(tournament_id=tournament.pk, organizer=tournament.organizer)
    assert desk.post(path(tournament, "/desk"), stale).status_code == 409
    tournament.refresh_from_db()
    assert (tournament.name, tournament.capacity) == ("Cup", 8)


def test_who_signs_up_meanwhile_makes_no_plan_stale() -> None:
    tournament = make_tournament()
    desk = of(tournament.organizer)
    posted = plan_shown(desk, tournament) | {"rules": "Be kind."}
    register(tournament)
    assert desk.post(path(tournament, "/desk"), posted).status_code == 302


def test_the_seconds_of_a_time_stay() -> None:
    starts_at = timezone.now().replace(second=17, microsecond=250) + timedelta(days=1)
    tournament = make_tournament(starts_at=starts_at)
    desk = of(tournament.organizer)
    posted = plan_shown(desk, tournament)
    assert posted["starts_at"].endswith(":17")
    posted |= {"round_minutes": "30"}
    assert desk.post(path(tournament, "/desk"), posted).status_code == 302
    tournament.refresh_from_db()
    assert (tournament.starts_at, tournament.round_minutes) == (starts_at, 30)


@pytest.mark.parametrize(
    ("format", "asks_for"),
    [
        ("single_elimination", {"third_place"}),
        ("double_elimination", set()),
        ("round_robin", set()),
        ("swiss", {"swiss_rounds"}),
        ("groups", {"third_place"}),
    ],
)
def test_once_it_is_open_a_plan_has_what_its_format_takes(format: str, asks_for: set[str]) -> None:
    tournament = make_tournament(format=format)
    shown = text(of(tournament.organizer).get(path(tournament, "/desk")))
    assert set(re.findall(r'name="(third_place|swiss_rounds|group_\w+)"', shown)) == asks_for


def test_a_new_plan_is_asked_for_what_its_format_takes_only() -> None:
    others = PLAN | {"group_size": "", "group_advance": "", "third_place": "on"}
    assert of(make_user()).post("/tournaments/new", others).status_code == 302
    made = Tournament.objects.get()
    assert (made.group_size, made.group_advance, made.third_place) == (4, 2, False)
    groups = of(make_user()).post("/tournaments/new", others | {"format": "groups"})
    assert groups.context["form"].errors.keys() == {"group_size", "group_advance"}


def test_only_what_is_another_now_is_changed_in_a_draft() -> None:
    tournament = make_tournament(opened=False, entry_fee=1050, prize_coins=10)
    desk = of(tournament.organizer)
    shown = text(desk.get(path(tournament, "/desk")))
    assert 'value="10.5' in shown
    version = plan_shown(desk, tournament)["version"]
    posted = PLAN | {"do": "edit", "version": version, "name": "Renamed",
                     "format": "single_elimination", "entry_fee": "10.50",
                     "prize_coins": "10", "prize_split": "100"}  # fmt: skip
    assert desk.post(path(tournament, "/desk"), posted).status_code == 302
    tournament.refresh_from_db()
    assert (tournament.name, tournament.entry_fee) == ("Renamed", 1050)
