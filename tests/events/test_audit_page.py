import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.core import context
from apps.events import admin
from tests.events.example import win

PAGE = "/admin/events/eventrecord/"


@pytest.fixture(autouse=True)
def _three_events(db: None) -> None:
    player = User.objects.create_user("player")
    with context.bound(user_id=player.pk, client="203.0.113.9", request_id="first-request"):
        win()
    with context.bound(client="198.51.100.7"):
        win()
    win(18)


def search(client: Client, **query: str) -> list[tuple[str, str]]:
    page = client.get(PAGE, query)
    assert page.status_code == 200
    return re.findall(r'field-stream_id[^>]*>([^<]*)<.*?field-seq">(\d+)<', page.content.decode())


def test_every_filter_finds_its_records(admin_client: Client) -> None:
    actor = str(User.objects.get(username="player").pk)
    today = timezone.now().date().isoformat()
    first = [("game:17", "1")]
    assert search(admin_client, **{"in": "game:18"}) == [("game:18", "1")]
    assert search(admin_client, by=actor) == first
    assert search(admin_client, request="first-request") == first
    assert search(admin_client, **{"from": "203.0.113.9"}) == first
    assert search(admin_client, **{"in": "game:17", "from": "198.51.100.7"}) == [("game:17", "2")]
    assert len(search(admin_client, event="game.won", since=today, until=today)) == 3
    assert search(admin_client, until="2020-01-01") == []


@pytest.mark.parametrize(
    "query",
    [
        {"by": "player"},
        {"by": "9" * 30},
        {"by": "0"},
        {"since": "yesterday"},
        {"until": "9999-12-31"},
        {"in": "a\x00b"},
        {"from": "'; --"},
    ],
    ids=str,
)
def test_an_invalid_value_finds_nothing(admin_client: Client, query: dict[str, str]) -> None:
    assert search(admin_client, **query) == []


def test_the_page_neither_counts_the_table_nor_queries_per_row(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(admin, "MAX_COUNT", 2)
    monkeypatch.setattr(admin.EventRecordAdmin, "list_per_page", 1)
    with django_assert_max_num_queries(9) as queries:
        assert len(search(admin_client)) == 1
    sql = [query["sql"] for query in queries.captured_queries]
    assert not [text for text in sql if "COUNT(" in text and "events_" in text]
