"""Any format, played in any order with any results, corrections and forfeits, comes to its end."""

import os
from collections import Counter

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from apps.events.models import EventRecord
from apps.matches.formats import FORMATS
from apps.matches.selectors import placements, standings
from apps.matches.services import round_draw
from apps.tournaments.models import Tournament
from tests.matches import draws
from tests.matches.draw_machine import DrawMachine, sides

pytestmark = pytest.mark.django_db
# Results do not depend on the database; a few examples on Postgres show that its locks allow them.
EXAMPLES = {"sqlite": int(os.environ.get("EXAMPLES", "10")), "postgresql": 3}


@pytest.mark.parametrize("format", FORMATS)
def test_it_ends_with_one_champion(format: str) -> None:
    class Machine(DrawMachine):
        def check_end(self) -> None:
            assert_ended(self.tournament, self.format, self.entrants)

    Machine.format = format
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES[connection.vendor],
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("format", FORMATS)
def test_no_round_is_drawn_before_it_is_due(format: str) -> None:
    assert round_draw(tournament_id=draws.draw(format, 4).pk) == 0


def assert_ended(tournament: Tournament, format: str, entrants: int) -> None:
    tournament.refresh_from_db()
    matches = list(tournament.matches.all())
    everyone = set(tournament.registrations.values_list("pk", flat=True))
    assert {match.status for match in matches} == {"completed"}
    assert {pk for match in matches for pk in sides(match)} == everyone
    assert tournament.status == "completed"
    finals = EventRecord.objects.filter(stream_id=f"tournament:{tournament.pk}", data__final=True)
    assert finals.count() == 1
    placed = [(place, entrant.pk) for place, entrant in placements(tournament=tournament)]
    assert [place for place, _ in placed].count(1) == 1
    assert {entrant for _, entrant in placed} == everyone
    champion = placed[0][1]
    assert tournament.champion == tournament.registrations.get(pk=champion).player
    assert sorted(tournament.registrations.values_list("place", "pk")) == sorted(placed)
    losses = Counter(match.entrant_a_id if match.winner_id == match.entrant_b_id
                     else match.entrant_b_id for match in matches)  # fmt: skip
    if format == "double_elimination":
        assert losses.pop(champion, 0) <= 1
        assert losses == dict.fromkeys(everyone - {champion}, 2)
    if format == "single_elimination":
        assert losses[champion] == 0
        assert len(matches) - entrants + 1 == (tournament.third_place and entrants >= 4)
    if format in ("round_robin", "swiss"):
        [table] = standings(tournament=tournament)
        assert [row.entrant.pk for row in table.rows] == [entrant for _, entrant in placed]
