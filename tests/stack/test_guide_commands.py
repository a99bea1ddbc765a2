"""MONITORING.md's own commands, queries and snippets give what it says: `make guide`."""

import os
import subprocess
import sys

import pytest

from demo.guide.text import snippets
from stack.processes import ROOT, Process, Stack

pytestmark = pytest.mark.stack


def test_everything_in_the_guide_that_can_be_run_is_run(own_stack: Stack) -> None:
    own_stack.manage("seed_demo")
    web = own_stack.web()
    done = guide(web)
    assert done.returncode == 0, done.stdout + done.stderr
    compared, shown = done.stdout.count("│ ✓ │"), done.stdout.count("│ ○ │")
    assert (compared + shown, shown) == (len(snippets()), 4)
    assert f"{compared} give what the guide says, 4 (○) are only compiled or shown, 0 fail" in (
        done.stdout
    )
    assert "Completed 100 requests; django_http_requests_total_by_method +100" in done.stdout
    assert "arrived: risky, Important event occurred" in done.stdout
    assert "no traffic" not in done.stdout


def test_what_does_not_give_what_the_guide_says_is_marked(own_stack: Stack) -> None:
    web = own_stack.web(REDIS_URL="redis://127.0.0.1:1/0")
    done = guide(web)
    assert done.returncode == 1
    assert "the guide says 'ready'" in done.stdout


def guide(web: Process) -> subprocess.CompletedProcess[str]:
    nowhere = "http://127.0.0.1:1"  # so that it starts a Prometheus of its own
    return subprocess.run(
        [sys.executable, "-m", "demo.guide"],
        cwd=ROOT,
        env=os.environ | {"BASE_URL": web.url, "PROMETHEUS_URL": nowhere, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
