"""The hub: what is live goes to whoever listens in this process."""

import logging
import time

import pytest

from apps.core.live import Entry, Hub, Listener

STREAM = "tournament:1"


@pytest.mark.django_db(transaction=True)
async def test_a_socket_that_cannot_be_given_anything_holds_up_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    frames: list[str] = []

    async def is_gone(frame: str) -> None:
        raise ConnectionResetError(frame)

    async def reads(frame: str) -> None:
        frames.append(frame)

    hub = Hub()
    gone, others = Listener(is_gone, 0), [Listener(reads, 0) for _ in range(8)]
    hub.listeners[STREAM] = {gone, *others}
    with caplog.at_level(logging.ERROR):
        await hub.fan_out(STREAM, Entry(1, "created", time.time()))
    assert frames == ["created"] * 8
    assert gone.seq == 0
    assert "Live event could not be delivered" in caplog.text
