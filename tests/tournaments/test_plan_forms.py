import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.core import context
from apps.tournaments.models import Tournament
from apps.tournaments.services import tournament_open, tournaments_tick
from tests.factories import make_tournament, make_user, register, signed_in
from tests.tournaments.pages import PLAN, path, text
from tests.tournaments.steps import by_organizer

pytestmark = pytest.mark.django_db
RULES = {"rules": "Be kind."}


def test_the_form_creates_a_tournament() -> None:
    organizer = make_user()
    response = signed_in(organizer).post("/tournaments/new", PLAN)
    created = Tournament.objects.get()
    assert response.headers["Location"] == f"/tournaments/{created.pk}/desk"
    assert (created.format, created.entry_fee, created.prize_split) == ("swiss", 1250, [50, 30, 20])
    assert created.organizer == organizer


@pytest.mark.parametrize(
    "errors",
    [
        [
            ("name", "", "This field is required."),
            ("game_title", "Chess", "Select a valid choice"),
            ("capacity", "1", "greater than or equal to 2"),
            ("entry_fee", "0.001", "no more than 2 decimal places"),
            ("prize_split", "a", "Enter percentages separated by commas."),
            ("starts_at", "soon", "Enter a valid date/time."),
        ],
        [
            ("name", "x" * 101, "at most 100 characters"),
            ("capacity", "1025", "less than or equal to 1024"),
            ("entry_fee", "NaN", "Enter a number."),
        ],
        [
            ("prize_split", "50, 40", "Percentages must add up to 100"),
            ("round_minutes", "30", "Is required when rounds are timed"),
        ],
    ],
    ids=["form", "form too", "service"],
)
def test_errors_are_shown_at_their_field_and_linked(errors: list[tuple[str, str, str]]) -> None:
    invalid = {name: value for name, value, _ in errors}
    response = signed_in(make_user()).post("/tournaments/new", PLAN | invalid)
    assert response.status_code == 422
    assert all(error in text(response) for _, _, error in errors)
    assert text(response).count('href="#id_') == len(errors)
    assert not Tournament.objects.exists()


def form_values(desk: Client, tournament: Tournament) -> dict[str, Any]:
    """What a browser posts if no field of the desk's form was changed."""
    form = desk.get(path(tournament, "/desk")).context["forms"]["edit"]
    values = {name: form[name].value() for name in form.fields}
    formatted = {name: form.fields[name].widget.format_value(value)
                 for name, value in values.items()
                 if name not in ("third_place", "team_based")}  # fmt: skip
    posted = {
        name: value[0] if isinstance(value, list) else value for name, value in formatted.items()
    }
    return {"do": "edit"} | {name: value for name, value in posted.items() if value is not None}


def save(desk: Client, tournament: Tournament, **changes: str) -> None:
    posted = form_values(desk, tournament) | changes
    assert desk.post(path(tournament, "/desk"), posted).status_code == 302
    tournament.refresh_from_db()


def conflict(desk: Client, tournament: Tournament, posted: dict[str, Any]) -> str:
    """The message above the form."""
    response = desk.post(path(tournament, "/desk"), posted)
    assert response.status_code == 409
    notice = re.search(r'data-kind="error" role="alert">(.*?)</div>', text(response))
    assert notice
    assert "Your changes weren't saved." in notice[1]
    return re.sub(r"<[^>]+>|\s+", " ", notice[1])


def test_a_stale_form_overwrites_nothing_and_lists_the_changes_with_their_authors() -> None:
    tournament = make_tournament(make_user("ada"), capacity=8, check_in_minutes=30)
    desk = signed_in(tournament.organizer)
    stale = form_values(desk, tournament) | RULES
    register(tournament)
    save(desk, tournament, capacity="32")
    save(desk, tournament, no_show_minutes="10")
    message = conflict(desk, tournament, stale)
    assert "“Max players or teams” was changed by ada." in message
    assert "“Auto-forfeit no-shows after (minutes)” was changed by ada." in message
    assert message.count("“") == 2
    save(desk, tournament, **RULES)
    assert (tournament.capacity, tournament.rules) == (32, "Be kind.")


def test_a_conflict_lists_automatic_changes() -> None:
    starts_at = timezone.now() + timedelta(minutes=45)
    tournament = make_tournament(check_in_minutes=60, starts_at=starts_at)
    desk = signed_in(tournament.organizer)
    stale = form_values(desk, tournament) | RULES
    context.replace({})  # as in a worker
    assert tournaments_tick() == 1
    assert "“Status” was changed automatically." in conflict(desk, tournament, stale)


def test_a_conflict_lists_fields_that_the_form_of_an_open_tournament_lacks() -> None:
    tournament = make_tournament(make_user("ada"), opened=False)
    desk = signed_in(tournament.organizer)
    stale = form_values(desk, tournament) | RULES
    save(desk, tournament, prize_split="60, 40")
    by_organizer(tournament_open, tournament)
    message = conflict(desk, tournament, stale)
    assert "“Prize split” was changed by ada. “Status” was changed by" in message


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_an_invalid_version_is_a_conflict(version: str) -> None:
    tournament = make_tournament()
    desk = signed_in(tournament.organizer)
    posted = form_values(desk, tournament) | RULES | {"version": version}
    assert "“" not in conflict(desk, tournament, posted)


def test_a_registration_is_no_conflict_and_seconds_of_a_time_are_kept() -> None:
    starts_at = timezone.now().replace(second=17, microsecond=250) + timedelta(days=1)
    tournament = make_tournament(starts_at=starts_at)
    desk = signed_in(tournament.organizer)
    posted = form_values(desk, tournament) | {"round_minutes": "30"}
    assert posted["starts_at"].endswith(":17")
    register(tournament)
    assert desk.post(path(tournament, "/desk"), posted).status_code == 302
    tournament.refresh_from_db()
    assert (tournament.starts_at, tournament.round_minutes) == (starts_at, 30)


@pytest.mark.parametrize(
    ("format", "fields"),
    [("double_elimination", set()), ("swiss", {"swiss_rounds"}), ("groups", {"third_place"})],
)
def test_an_open_tournament_has_the_fields_of_its_format(format: str, fields: set[str]) -> None:
    tournament = make_tournament(format=format)
    desk = text(signed_in(tournament.organizer).get(path(tournament, "/desk")))
    assert set(re.findall(r'name="(third_place|swiss_rounds|group_\w+)"', desk)) == fields


def test_fields_of_other_formats_are_ignored() -> None:
    plan = PLAN | {"group_size": "", "group_advance": "", "third_place": "on"}
    assert signed_in(make_user()).post("/tournaments/new", plan).status_code == 302
    created = Tournament.objects.get()
    assert (created.group_size, created.group_advance, created.third_place) == (4, 2, False)
    groups = signed_in(make_user()).post("/tournaments/new", plan | {"format": "groups"})
    assert groups.context["form"].errors.keys() == {"group_size", "group_advance"}


def test_the_form_of_a_draft_saves_only_changed_fields() -> None:
    tournament = make_tournament(opened=False, entry_fee=1050, prize_coins=10)
    desk = signed_in(tournament.organizer)
    assert 'value="10.5' in text(desk.get(path(tournament, "/desk")))
    save(desk, tournament, **PLAN | {"name": "Renamed", "format": "single_elimination",
         "entry_fee": "10.50", "prize_coins": "10", "prize_split": "100"})  # fmt: skip
    assert (tournament.name, tournament.entry_fee) == ("Renamed", 1050)
