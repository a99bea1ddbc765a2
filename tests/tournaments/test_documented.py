"""docs/tournaments.md says what the code does."""

import re
from pathlib import Path

from apps.tournaments.models import Registration
from apps.tournaments.services.life_cycle import TRANSITIONS

PAGE = (Path(__file__).parents[2] / "docs" / "tournaments.md").read_text()


def test_the_moves_that_are_drawn_are_those_that_are_legal() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", PAGE, re.MULTILINE))
    assert drawn == {
        (before.value, after.value) for before in TRANSITIONS for after in TRANSITIONS[before]
    }


def test_every_state_of_a_registration_is_told() -> None:
    told = set(re.findall(r"`(\w+)`", PAGE))
    assert set(Registration.Status.values) <= told
