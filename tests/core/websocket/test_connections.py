import asyncio
import logging

import pytest

from apps.core.prometheus.bounded_labels import BoundedLabel
from apps.core.websocket.connections import OpenConnections


def gauge(connections: OpenConnections) -> dict[str, float]:
    [family] = connections.collect()
    return {sample.labels["tournament_id"]: sample.value for sample in family.samples}


@pytest.fixture
def connections() -> OpenConnections:
    connections = OpenConnections()
    connections.bound = BoundedLabel("tournament_id", limit=lambda: 1, retire_seconds=lambda: 60)
    connections.bound.track(7)
    return connections


def test_a_socket_counts_while_its_block_runs(connections: OpenConnections) -> None:
    with connections.counted(7), connections.counted(8):
        assert gauge(connections) == {"7": 1, "other": 1}
    assert gauge(connections) == {"7": 0, "other": 0}


def test_without_a_bound_every_socket_counts_as_other() -> None:
    connections = OpenConnections()
    with connections.counted(7):
        assert gauge(connections) == {"other": 1}


async def test_a_cancellation_decrements_the_gauge(connections: OpenConnections) -> None:
    async def hold() -> None:
        with connections.counted(7):
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await asyncio.sleep(0)
    assert gauge(connections)["7"] == 1
    task.cancel()
    await asyncio.wait({task})
    assert gauge(connections)["7"] == 0


def test_a_high_count_is_logged_once_until_it_drops(
    connections: OpenConnections, caplog: pytest.LogCaptureFixture, settings: pytest.MonkeyPatch
) -> None:
    settings.WS_WARN_CONNECTIONS = 0  # type: ignore[attr-defined]
    for _ in range(2):
        with connections.counted(7), connections.counted(7):
            pass
    messages = [r.message for r in caplog.records if r.levelno == logging.WARNING]
    assert messages == ["High WebSocket connection count"] * 2
