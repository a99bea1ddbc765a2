"""10,000 random transfers by processes that are killed at random and restarted.

The ledger, and so `ledger_coins_awarded`, must be exact. `coins_awarded_total` counts after the
commit: it never exceeds the ledger, and each kill loses at most one award.
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
from tests.payments.random_transfers import MAX_COINS, PLAYERS, TRANSFERS
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
            "ENABLE_PROMETHEUS": "0",  # metrics of each query take a third of the time
        }
        with subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=os.environ | environment, stdout=PIPE, stderr=PIPE, text=True,
            start_new_session=True,
        ) as running:  # fmt: skip
            try:
                output, errors = running.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                raise
        assert running.returncode == 0, errors[-3000:]
        return output

    def query(self, statement: str) -> Any:
        server = f"host={os.environ['DB_HOST']} port={os.environ['DB_PORT']}"
        user = f"user={os.environ['DB_USER']} dbname={self.name}"
        with psycopg.connect(f"{server} {user}") as connection:
            [value] = connection.execute(statement.encode()).fetchone() or [None]
            return value

    def sample(self, name: str) -> float:
        families = ProcessFiles(self.metrics).collect()
        samples = (sample for family in families for sample in family.samples)
        return sum(sample.value for sample in samples if sample.name == name)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path)
    yield made
    execute(f"DROP DATABASE {made.name} WITH (FORCE)", "postgres")


def test_kills_at_any_moment_neither_lose_nor_create_coins(ledger: Ledger) -> None:
    drive = f"from tests.payments.random_transfers import main; main({KILLS})"
    assert json.loads(ledger.run("shell", "-v0", "-c", drive)) == {"killed": KILLS}

    made = ledger.query("SELECT count(*) FROM payments_transfer")
    assert TRANSFERS * 0.8 < made <= TRANSFERS
    assert ledger.query("SELECT sum(amount) FROM payments_posting") == 0
    assert ledger.query("SELECT count(*) FROM payments_posting") == 2 * made
    assert (
        ledger.query("SELECT count(*) FROM payments_wallet WHERE owner_id IS NOT NULL") == PLAYERS
    )
    below = "SELECT count(*) FROM payments_wallet WHERE owner_id IS NOT NULL AND balance < 0"
    assert ledger.query(below) == 0
    off = """
        SELECT count(*) FROM payments_wallet w WHERE balance <> (
            SELECT coalesce(sum(amount), 0) FROM payments_posting WHERE wallet_id = w.id
        )
    """
    assert ledger.query(off) == 0

    prizes = "SELECT sum(p.amount) FROM payments_posting p JOIN payments_wallet w"
    awarded = -ledger.query(f"{prizes} ON w.id = p.wallet_id WHERE w.owner_id IS NULL")
    events = "SELECT sum((data->>'coins')::int) FROM events_eventrecord WHERE name = 'prize.paid'"
    assert ledger.query(events) == awarded > 0

    check = "from apps.payments.tasks import ledger_check; assert ledger_check() == 0"
    ledger.run("shell", "-v0", "-c", check)
    assert ledger.sample("ledger_coins_awarded") == awarded
    assert ledger.sample("ledger_imbalance_coins") == 0
    counted = ledger.sample("coins_awarded_total")
    assert awarded - KILLS * MAX_COINS <= counted <= awarded
