"""The largest draws are created within a request."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.events.models import EventRecord
from apps.matches.exceptions import FormatNotPossible
from apps.matches.formats import FORMATS, groups
from apps.matches.reactions import MAX_DRAWN_INLINE
from apps.matches.selectors import placements, standings
from apps.matches.services import round_draw
from apps.matches.services.seats import MAX_SINGLE_EVENTS
from tests.matches import draws

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("format", "entrants", "matches", "queries"),
    [
        ("single_elimination", 1024, 1023, 100),
        ("double_elimination", 1024, 2046, 150),
        ("round_robin", 64, 2016, 300),
        ("swiss", 1024, 512, 100),
        ("groups", 1024, 256 * 6, 150),
    ],
)
def test_a_large_draw_takes_few_queries_and_events(
    format: str, entrants: int, matches: int, queries: int
) -> None:
    with CaptureQueriesContext(connection) as captured:
        cup = draws.draw(format, entrants)
    assert len(captured) < queries
    assert cup.matches.count() == matches
    assert cup.matches.filter(status="ready").count() == entrants // 2
    records = EventRecord.objects.filter(stream_id=f"tournament:{cup.pk}")
    if entrants > 128:
        assert [event.data["matches"] for event in records.filter(name="round.drawn")] == [512]
    else:
        assert records.filter(name="match.ready").count() == 32


@pytest.mark.parametrize(("format", "entrants", "rounds"), [("swiss", 256, 8), ("groups", 256, 1)])
def test_later_rounds_of_a_large_draw(format: str, entrants: int, rounds: int) -> None:
    cup = draws.draw(format, entrants)
    played = 0
    before_playoffs = cup.matches.filter(stage__in=["table", "group"])
    while draws.decide_all(before_playoffs.filter(status__in=["pending", "ready"])):
        played += 1
        round_draw(tournament_id=cup.pk)
    assert played == rounds
    [first, *_] = standings(tournament=cup)
    assert first.rows[0].entrant.seed == 1
    if format == "swiss":
        assert [place for place, _ in placements(tournament=cup)] == list(range(1, entrants + 1))
    else:
        assert cup.matches.filter(stage="playoff").count() == 127


def test_a_draw_outside_the_limits_is_rejected_at_the_start_too() -> None:
    with pytest.raises(FormatNotPossible):
        draws.draw("round_robin", 65)


def test_the_documentation_has_the_limits_of_the_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()
    for format_class in FORMATS.values():
        assert f"| {format_class.label} | 2 to {format_class.max_entrants:,}" in page
    assert f"groups of 2 to {groups.MAX_SIZE} " in page
    assert f"more than {MAX_DRAWN_INLINE} entrants" in page
    assert f"More than {MAX_SINGLE_EVENTS} matches" in page
