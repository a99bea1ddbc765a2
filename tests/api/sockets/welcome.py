"""An open socket after its welcome message."""

import contextlib
from collections.abc import Iterator
from typing import Any

from websockets.sync.client import ClientConnection

from tests.api.served import Served, read


@contextlib.contextmanager
def welcomed(
    server: Served, cup: int, query: str = "", **options: Any
) -> Iterator[ClientConnection]:
    with server.connected(f"/ws/tournaments/{cup}/{query}", **options) as socket:
        assert read(socket)["type"] == "welcome"
        yield socket
