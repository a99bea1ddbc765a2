"""The admin's page of the audit trail."""

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.core import context
from apps.events import admin, recording
from apps.events.models import EventRecord
from apps.tournaments.events import TournamentStarted
from tests import factories

PAGE = "/admin/events/eventrecord/"


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("auditor"))
    return client


@pytest.fixture(autouse=True)
def _three_events(db: None) -> None:
    who = factories.make_user("somebody")
    for stream, fields in (
        (17, {"user_id": who.pk, "client": "203.0.113.9", "request_id": "first-request"}),
        (17, {"client": "198.51.100.7"}),
        (18, {}),
    ):
        with context.bound(**fields), transaction.atomic():
            recording.record(TournamentStarted(tournament_id=stream, entrants=2, rounds=1))


def shown(client: Client, **search: str) -> list[tuple[str, str]]:
    page = client.get(PAGE, search)
    assert page.status_code == 200
    return re.findall(r'field-stream_id[^>]*>([^<]*)<.*?field-seq">(\d+)<', page.content.decode())


def test_it_is_linked_from_the_admins_first_page(staff: Client) -> None:
    assert f'href="{PAGE}"'.encode() in staff.get("/admin/").content


def test_it_is_searched_by_whatever_is_known(staff: Client) -> None:
    actor = str(User.objects.get(username="somebody").pk)
    today = timezone.now().date().isoformat()
    first = [("tournament:17", "1")]
    assert shown(staff, **{"in": "tournament:18"}) == [("tournament:18", "1")]
    assert shown(staff, by=actor) == first
    assert shown(staff, request="first-request") == first
    assert shown(staff, **{"from": "203.0.113.9"}) == first
    assert shown(staff, **{"in": "tournament:17", "from": "198.51.100.7"}) == [
        ("tournament:17", "2")
    ]
    assert len(shown(staff, event="tournament.started", since=today, until=today)) == 3
    assert shown(staff, until="2020-01-01") == []


@pytest.mark.parametrize(
    "search",
    [
        {"by": "somebody"},
        {"by": "9" * 30},
        {"by": "0"},
        {"since": "yesterday"},
        {"until": "9999-12-31"},
        {"in": "a\x00b"},
        {"from": "'; --"},
    ],
    ids=str,
)
def test_what_is_none_of_its_kind_finds_nothing(staff: Client, search: dict[str, str]) -> None:
    assert shown(staff, **search) == []


def test_it_neither_counts_the_table_nor_asks_once_a_row(
    staff: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(admin, "MOST_COUNTED", 2)
    monkeypatch.setattr(admin.EventRecordAdmin, "list_per_page", 1)
    with django_assert_max_num_queries(9) as asked:
        assert len(shown(staff)) == 1
    told: CaptureQueriesContext = asked
    assert not [one["sql"] for one in told if "COUNT(" in one["sql"] and "core_" in one["sql"]]


def test_nothing_can_be_changed_there(staff: Client) -> None:
    record = EventRecord.objects.latest("id")
    for path in (f"{PAGE}add/", f"{PAGE}{record.pk}/delete/"):
        assert staff.get(path).status_code == 403
    page = staff.get(f"{PAGE}{record.pk}/change/")
    assert page.status_code == 200
    assert b'name="_save"' not in page.content


def test_who_is_not_staff_does_not_see_it(db: None) -> None:
    client = Client()
    client.force_login(factories.make_user("curious"))
    assert client.get(PAGE).status_code == 302
