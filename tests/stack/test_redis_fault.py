"""Redis stops, and the live feed still delivers."""

from pathlib import Path

import pytest

from stack.ports import free_port
from stack.processes import Stack
from tests.api.served import read, serving

pytestmark = pytest.mark.stack


def test_without_redis_a_listener_still_receives_every_event(
    own_stack: Stack, tmp_path: Path
) -> None:
    port = free_port()
    options = ["--port", str(port), "--save", "", "--dir", str(tmp_path)]
    redis = own_stack.run("redis", ["redis-server", *options], port)
    with serving(own_stack, REDIS_URL=f"redis://{redis.address}/0") as server:
        organizer = server.player()
        cup = server.opened(organizer)
        with server.welcomed(cup) as socket:
            redis.kill()
            server.post(f"/api/tournaments/{cup}/cancel", by=organizer)
            assert read(socket)["name"] == "tournament.cancelled"
