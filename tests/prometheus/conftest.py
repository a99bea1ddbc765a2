from collections.abc import Iterator
from pathlib import Path

import pytest

from drills.receiver import Receiver
from tests.prometheus.alertmanager import Alertmanager


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Stands in for PagerDuty, Slack and the dead man's switch."""
    with Receiver() as running:
        yield running


@pytest.fixture
def alertmanager(receiver: Receiver, tmp_path: Path) -> Iterator[Alertmanager]:
    with Alertmanager(receiver, tmp_path) as running:
        yield running
