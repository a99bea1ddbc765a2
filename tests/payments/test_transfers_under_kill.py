"""10,000 transfers at random, by processes that are killed at random and begin again.

What is guaranteed: the ledger, and with it `ledger_coins_awarded`, is exact. `coins_awarded_total`
is counted once an award has committed, so it never has an award that the ledger has not, and lacks
at most the one that a killed process had committed and not counted yet.
"""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import psycopg
import pytest

from apps.core.prometheus.multiprocess import ProcessFiles
from stack.processes import ROOT
from tests.payments.transfers import LARGEST, PLAYERS, TRANSFERS
from tests.stack.conftest import execute

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(600)]
KILLS = 30
SECONDS = 400


class Ledger:
    def __init__(self, folder: Path) -> None:
        self.name = f"ledger_{uuid.uuid4().hex[:8]}"
        self.metrics = folder
        execute(f"CREATE DATABASE {self.name}", "postgres")
        self.run("migrate", "-v0")

    def run(self, *command: str) -> str:
        environment = {
            "DB_NAME": self.name,
            "DB_POOL_SIZE": "2",
            "PROMETHEUS_MULTIPROC_DIR": str(self.metrics),
            "LOG_LEVEL": "ERROR",
            "ENABLE_PROMETHEUS": "0",  # of each query: a third of the time it takes
        }
        with subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=os.environ | environment, stdout=PIPE, stderr=PIPE, text=True,
            start_new_session=True,
        ) as running:  # fmt: skip
            try:
                said, complained = running.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                raise
        assert running.returncode == 0, complained[-3000:]
        return said

    def ask(self, query: str) -> Any:
        server = f"host={os.environ['DB_HOST']} port={os.environ['DB_PORT']}"
        user = f"user={os.environ['DB_USER']} dbname={self.name}"
        with psycopg.connect(f"{server} {user}") as connection:
            [answer] = connection.execute(query.encode()).fetchone() or [None]
            return answer

    def sample(self, name: str) -> float:
        families = ProcessFiles(self.metrics).collect()
        found = [one for family in families for one in family.samples if one.name == name]
        return sum(sample.value for sample in found)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path)
    yield made
    execute(f"DROP DATABASE {made.name} WITH (FORCE)", "postgres")


def test_killed_at_any_moment_no_coin_is_lost_or_made(ledger: Ledger) -> None:
    drive = f"from tests.payments.transfers import main; main({KILLS})"
    assert json.loads(ledger.run("shell", "-v0", "-c", drive)) == {"killed": KILLS}

    made = ledger.ask("SELECT count(*) FROM payments_transfer")
    assert TRANSFERS * 0.8 < made <= TRANSFERS
    assert ledger.ask("SELECT sum(amount) FROM payments_posting") == 0
    assert ledger.ask("SELECT count(*) FROM payments_posting") == 2 * made
    assert ledger.ask("SELECT count(*) FROM payments_wallet WHERE owner_id IS NOT NULL") == PLAYERS
    below = "SELECT count(*) FROM payments_wallet WHERE owner_id IS NOT NULL AND balance < 0"
    assert ledger.ask(below) == 0
    off = """
        SELECT count(*) FROM payments_wallet w WHERE balance <> (
            SELECT coalesce(sum(amount), 0) FROM payments_posting WHERE wallet_id = w.id
        )
    """
    assert ledger.ask(off) == 0

    prizes = "SELECT sum(p.amount) FROM payments_posting p JOIN payments_wallet w"
    awarded = -ledger.ask(f"{prizes} ON w.id = p.wallet_id WHERE w.owner_id IS NULL")
    events = "SELECT sum((data->>'coins')::int) FROM events_eventrecord WHERE name = 'prize.paid'"
    assert ledger.ask(events) == awarded > 0

    check = "from apps.payments.tasks import ledger_check; assert ledger_check() == 0"
    ledger.run("shell", "-v0", "-c", check)
    assert ledger.sample("ledger_coins_awarded") == awarded
    assert ledger.sample("ledger_imbalance_coins") == 0
    counted = ledger.sample("coins_awarded_total")
    assert awarded - KILLS * LARGEST <= counted <= awarded
