from collections.abc import Iterator
from pathlib import Path

import pytest

from drills.receiver import Receiver
from tests.prometheus.alertmanager import Alertmanager


@pytest.fixture
def told() -> Iterator[Receiver]:
    """PagerDuty, Slack and the dead-man's switch."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def alertmanager(told: Receiver, tmp_path: Path) -> Iterator[Alertmanager]:
    with Alertmanager(told, tmp_path) as running:
        yield running
