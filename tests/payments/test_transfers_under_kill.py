"""Random transfers by processes that are killed at random and restarted.

The ledger, and so `ledger_coins_awarded`, must be exact. `coins_awarded_total` counts after the
commit: it never exceeds the ledger, and each kill loses at most one award.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from apps.core.prometheus.multiprocess import ProcessFiles
from stack.processes import ROOT
from tests.payments.random_transfers import MAX_COINS, TRANSFERS
from tests.stacks import execute, new_database

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(600)]
KILLS = 10
DRIVE = f"from tests.payments.random_transfers import main; main({KILLS})"
CHECK = "from apps.payments.tasks import ledger_check; assert ledger_check() == 0"


def run(database: str, metrics: Path, *command: str) -> str:
    environment = {
        "DB_NAME": database,
        "DB_POOL_SIZE": "2",
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "LOG_LEVEL": "ERROR",
        "ENABLE_PROMETHEUS": "0",  # metrics of each query take a third of the time
    }
    ended = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=400,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout


def test_kills_at_any_moment_neither_lose_nor_create_coins(tmp_path: Path) -> None:
    database = new_database()
    assert json.loads(run(database, tmp_path, "shell", "-v0", "-c", DRIVE)) == {"killed": KILLS}
    run(database, tmp_path, "shell", "-v0", "-c", CHECK)
    made = execute("SELECT count(*) FROM payments_transfer", database)
    postings = execute("SELECT count(*) FROM payments_posting", database)
    awarded = execute(
        "SELECT sum((data->>'coins')::int) FROM events_eventrecord WHERE name = 'prize.paid'",
        database,
    )
    assert TRANSFERS * 0.8 < made <= TRANSFERS
    assert postings == 2 * made

    families = ProcessFiles(tmp_path).collect()
    samples = {each.name: each.value for family in families for each in family.samples}
    assert samples["ledger_coins_awarded"] == awarded > 0
    assert samples["ledger_imbalance_coins"] == 0
    assert awarded - KILLS * MAX_COINS <= samples["coins_awarded_total"] <= awarded
