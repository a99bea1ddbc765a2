"""A web process as it runs for real: its own database, its own port, spoken to from outside."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families
from websockets.sync.client import ClientConnection, connect

from stack.ports import free_port, wait_for_port
from tests.cached_fixtures import migrated_sqlite

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct-horse-battery"
SECONDS = 180.0


class Served:
    def __init__(self, port: int, environment: dict[str, str], log: Path) -> None:
        self.port, self.environment, self.log = port, environment, log
        self.origin = f"http://127.0.0.1:{port}"
        self.http = httpx.Client(base_url=self.origin, timeout=SECONDS)
        self._players = 0

    def player(self) -> dict[str, str]:
        """The headers of a new player."""
        self._players += 1
        account = {"username": f"player{self._players}", "password": PASSWORD}
        self.post("/api/accounts/", account)
        return {"Authorization": f"Bearer {self.post('/api/accounts/token', account)['token']}"}

    def post(self, path: str, body: Any = None, *, by: dict[str, str] | None = None) -> Any:
        answer = self.http.post(path, json=body, headers=by)
        assert answer.is_success, answer.text
        return answer.json()

    def opened(self, by: dict[str, str], **fields: Any) -> int:
        values = {"name": "Cup", "game_title": "VALORANT", "capacity": 64} | fields
        tournament: int = self.post("/api/tournaments/", values, by=by)["id"]
        self.post(f"/api/tournaments/{tournament}/open", by=by)
        return tournament

    @contextmanager
    def connected(self, path: str, **options: Any) -> Iterator[ClientConnection]:
        usual: dict[str, Any] = {"origin": self.origin, "open_timeout": SECONDS}
        with connect(f"ws://127.0.0.1:{self.port}{path}", **(usual | options)) as socket:
            yield socket

    def value(self, name: str, **labels: str) -> float | None:
        for family in text_string_to_metric_families(self.http.get("/metrics/").text):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        return None

    def open_sockets(self) -> float:
        families = text_string_to_metric_families(self.http.get("/metrics/").text)
        found = [family for family in families if family.name == "ws_connections_active"]
        return sum(sample.value for family in found for sample in family.samples)

    def settled(self) -> bool:
        """Whether every socket is gone from the gauge, a moment after its end."""
        deadline = time.monotonic() + SECONDS
        while (still_open := self.open_sockets()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return still_open == 0

    def manage(self, *arguments: str) -> None:
        """A command in a process of its own, on the same database."""
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, check=True, timeout=180, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextmanager
def served(folder: Path, *, migrated: bool = True, **variables: str) -> Iterator[Served]:
    port, log = free_port(), folder / "web.log"
    environment = {
        **os.environ,
        "VENV": sys.prefix,
        "PORT": str(port),
        "SQLITE_PATH": str(folder / "db.sqlite3"),
        "STATIC_ROOT": str(folder / "static"),
        "DB_HOST": "",
        "REDIS_URL": "",
        "LOG_FORMAT": "json",
        **variables,
    }
    running = Served(port, environment, log)
    if migrated and environment["DB_HOST"]:
        running.manage("migrate", "--verbosity", "0")
    elif migrated:
        migrated_sqlite(Path(environment["SQLITE_PATH"]))
    with log.open("wb") as output, (folder / "web.err").open("wb") as complaints:
        process = subprocess.Popen(
            [ROOT / "bin" / "web"], cwd=ROOT, env=environment, stdout=output, stderr=complaints
        )
        try:
            wait_for_port(port, process, log)
            yield running
        finally:
            running.http.close()
            process.terminate()
            process.wait(SECONDS)


def read(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(socket.recv(timeout=SECONDS))
    return message
