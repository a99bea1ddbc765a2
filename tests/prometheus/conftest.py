from collections.abc import Iterator
from contextlib import closing
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
    with closing(Alertmanager(receiver, tmp_path)) as running:
        yield running


@pytest.fixture(scope="module")
def shared_alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    """For tests that resolve the alerts that they fire, and read no notification."""
    folder = tmp_path_factory.mktemp("alertmanager")
    with Receiver() as receiver, closing(Alertmanager(receiver, folder)) as running:
        yield running
