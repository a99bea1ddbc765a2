"""Any format, played in any order with any results, corrections and forfeits, comes to its end."""

import os

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from apps.matches.formats import FORMATS
from apps.matches.services import round_draw
from tests.matches import draws
from tests.matches.draw_machine import DrawMachine

pytestmark = pytest.mark.django_db
# Results do not depend on the database; a few examples on Postgres show that its locks allow them.
EXAMPLES = {"sqlite": int(os.environ.get("EXAMPLES", "6")), "postgresql": 3}


@pytest.mark.parametrize("format", FORMATS)
def test_it_ends_with_one_champion(format: str) -> None:
    run_state_machine_as_test(
        type("Machine", (DrawMachine,), {"format": format}),
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
