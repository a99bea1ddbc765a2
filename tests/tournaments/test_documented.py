"""docs/tournaments.md agrees with the code."""

import re
from pathlib import Path

from apps.tournaments.models import Registration
from apps.tournaments.services.life_cycle import TRANSITIONS

PAGE = (Path(__file__).parents[2] / "docs" / "tournaments.md").read_text()


def test_the_diagram_has_all_transitions() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", PAGE, re.MULTILINE))
    assert drawn == {
        (before.value, after.value) for before in TRANSITIONS for after in TRANSITIONS[before]
    }


def test_every_registration_status_is_documented() -> None:
    assert set(Registration.Status.values) <= set(re.findall(r"`(\w+)`", PAGE))
