"""Redis stops, and the live feed still delivers."""

import pytest

from stack.processes import Stack
from tests.api.served import read, serving
from tests.stacks import own_redis

pytestmark = pytest.mark.stack


def test_without_redis_a_listener_still_receives_every_event(
    own_stack: Stack,
) -> None:
    redis = own_redis(own_stack)
    with serving(own_stack, REDIS_URL=f"redis://{redis.address}/0") as server:
        organizer = server.player()
        cup = server.opened(organizer)
        with server.welcomed(cup) as socket:
            redis.kill()
            server.post(f"/api/tournaments/{cup}/cancel", by=organizer)
            assert read(socket)["name"] == "tournament.cancelled"
