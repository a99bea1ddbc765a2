"""A web process on a database and a port of its own, used through HTTP and WebSockets."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from stack.processes import Process, Stack
from stack.waiting import wait_until
from tests import samples
from tests.cached_fixtures import migrated_sqlite
from tests.factories import PASSWORD
from tests.stacks import on_sqlite

SECONDS = 180.0
Headers = dict[str, str]


class Served:
    def __init__(self, stack: Stack, web: Process) -> None:
        self.stack, self.web, self.manage = stack, web, stack.manage
        self.port, self.log, self.origin = web.port, web.log, web.url
        self.http = httpx.Client(base_url=self.origin, timeout=SECONDS)
        self._players = 0

    def player(self) -> Headers:
        """The headers of a new player."""
        self._players += 1
        account = {"username": f"player{self._players}", "password": PASSWORD}
        self.post("/api/accounts/", account)
        return {"Authorization": f"Bearer {self.post('/api/accounts/token', account)['token']}"}

    def post(self, path: str, body: Any = None, *, by: Headers | None = None) -> Any:
        answer = self.http.post(path, json=body, headers=by)
        assert answer.is_success, answer.text
        return answer.json()

    def opened(self, by: Headers, **fields: Any) -> int:
        values = {"name": "Cup", "game_title": "VALORANT", "capacity": 64} | fields
        tournament: int = self.post("/api/tournaments/", values, by=by)["id"]
        self.post(f"/api/tournaments/{tournament}/open", by=by)
        return tournament

    @contextmanager
    def connected(self, path: str, **options: Any) -> Iterator[ClientConnection]:
        usual: dict[str, Any] = {"origin": self.origin, "open_timeout": SECONDS}
        with connect(f"ws://127.0.0.1:{self.port}{path}", **(usual | options)) as socket:
            yield socket

    @contextmanager
    def welcomed(self, cup: int, query: str = "", **options: Any) -> Iterator[ClientConnection]:
        """A socket of a tournament after its welcome message."""
        with self.connected(f"/ws/tournaments/{cup}/{query}", **options) as socket:
            assert read(socket)["type"] == "welcome"
            yield socket

    def values(self, name: str) -> dict[frozenset[tuple[str, str]], float]:
        """The samples of this name, by their labels."""
        page = self.http.get("/metrics/").text.splitlines()
        # Parsing all lines is slow.
        parsed = samples.parse(line for line in page if line.startswith(name))
        return {labels: value for (sample, labels), value in parsed.items() if sample == name}

    def value(self, name: str, **labels: str) -> float | None:
        return self.values(name).get(frozenset(labels.items()))

    def open_sockets(self) -> float:
        return sum(self.values("ws_connections_active").values())

    def settled(self) -> bool:
        """Whether every socket is gone from the gauge, a moment after its end."""
        return wait_until(lambda: self.open_sockets() == 0, SECONDS)

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextmanager
def serving(stack: Stack, **variables: str) -> Iterator[Served]:
    stack.environment |= variables
    running = Served(stack, stack.web())
    with running.http:
        yield running


@contextmanager
def served(
    folder: Path, database: Callable[[Path], None] | None = migrated_sqlite, **variables: str
) -> Iterator[Served]:
    with on_sqlite(folder, database) as stack, serving(stack, **variables) as running:
        yield running


def play_final(
    server: Served, cup: int, organizer: Headers, players: list[Headers], **headers: str
) -> None:
    """Two players register, and the first wins. The headers are those of the last request."""
    for player in players:
        server.post(f"/api/tournaments/{cup}/registrations", by=player)
    server.post(f"/api/tournaments/{cup}/start", by=organizer)
    [match] = server.http.get(f"/api/tournaments/{cup}/matches").json()["items"]
    reporter, opponent = players
    server.post(f"/api/matches/{match['id']}/report", {"score": [2, 0]}, by=reporter)
    server.post(f"/api/matches/{match['id']}/confirm", by=opponent | headers)


def read(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(socket.recv(timeout=SECONDS))
    return message
