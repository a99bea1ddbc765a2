"""A start with as many entrants as there may be, within a request."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from apps.events.models import EventRecord
from apps.matches.exceptions import FormatNotPossible
from apps.matches.formats import groups, round_robin
from apps.matches.reactions import MAX_DRAWN_INLINE
from apps.matches.selectors import placements, standings
from apps.matches.services import round_draw
from apps.matches.services.event_factory import EACH_UP_TO
from apps.tournaments.exceptions import BadPlan
from tests import factories
from tests.matches import drawn

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("format", "entrants", "matches", "statements"),
    [
        ("single_elimination", 1024, 1023, 100),
        ("double_elimination", 1024, 2046, 150),
        ("round_robin", 64, 2016, 300),
        ("swiss", 1024, 512, 100),
        ("groups", 1024, 256 * 6, 150),
    ],
)
def test_it_is_drawn_in_a_moment(format: str, entrants: int, matches: int, statements: int) -> None:
    with CaptureQueriesContext(connection) as asked:
        cup = drawn.draw(format, entrants)
    assert len(asked) < statements
    assert cup.matches.count() == matches
    assert cup.matches.filter(status="ready").count() == entrants // 2
    told = EventRecord.objects.filter(stream_id=f"tournament:{cup.pk}")
    if entrants > 128:
        assert [event.data["matches"] for event in told.filter(name="round.drawn")] == [512]
    else:
        assert told.filter(name="match.ready").count() == 32


@pytest.mark.parametrize(("format", "entrants", "rounds"), [("swiss", 256, 8), ("groups", 1024, 1)])
def test_a_large_tournament_plays_on(format: str, entrants: int, rounds: int) -> None:
    """The favorite wins each match. Results are written directly: reports would take minutes."""
    cup = drawn.draw(format, entrants)
    played = 0
    while cup.matches.filter(status__in=["pending", "ready"], stage__in=["table", "group"]).update(
        winner=F("entrant_a"), status="completed", score_a=2, score_b=0, outcome="played"
    ):
        played += 1
        round_draw(tournament_id=cup.pk)
    assert played == rounds
    [first, *_] = standings(tournament_id=cup.pk)
    assert first.rows[0].entrant.seed == 1
    if format == "swiss":
        placed = placements(tournament_id=cup.pk)
        assert [place for place, _ in placed] == list(range(1, entrants + 1))
    else:
        assert cup.matches.filter(stage="playoff").count() == 511


def test_a_round_robin_of_more_than_64_is_refused_when_it_is_planned() -> None:
    with pytest.raises(BadPlan) as refused:
        factories.make_tournament(format="round_robin", capacity=65)
    assert refused.value.fields == {"capacity": "must not be above 64 in a round robin"}


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"group_size": 1, "group_advance": 1}, "group_size"),
        ({"group_size": 17}, "group_size"),
        ({"group_size": 4, "group_advance": 4}, "group_advance"),
        ({"group_size": 4, "group_advance": 0}, "group_advance"),
    ],
)
def test_groups_that_cannot_be_played_are_refused(plan: dict[str, Any], field: str) -> None:
    with pytest.raises(BadPlan) as refused:
        factories.make_tournament(format="groups", **plan)
    assert list(refused.value.fields) == [field]


def test_a_draw_that_cannot_be_played_is_refused_even_if_it_was_planned() -> None:
    with pytest.raises(FormatNotPossible):
        drawn.draw("round_robin", 65)


def test_the_page_on_formats_has_the_limits_of_the_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()
    most = round_robin.MAX_ENTRANTS
    assert f"| Round robin | 2 to {most} |" in page
    assert f"{1024 * 1023 // 2:,} matches: above {most} entrants" in page
    assert f"in groups of 2 to {groups.MAX_SIZE} " in page
    assert f"A later round among more than {MAX_DRAWN_INLINE} entrants" in page
    assert f"More than {EACH_UP_TO} matches" in page
