"""`make guide`: the commands, queries and snippets of MONITORING.md give the documented results."""

import sys
from pathlib import Path

import pytest

from demo.guide.snippets import snippets
from stack.processes import Stack
from tests.cached_fixtures import demo_sqlite
from tests.programs import run

pytestmark = pytest.mark.stack


def test_every_snippet_of_the_guide_is_run(own_stack: Stack) -> None:
    demo_sqlite(Path(own_stack.environment["SQLITE_PATH"]))
    unused = "http://127.0.0.1:1"  # without a Prometheus, so it starts a temporary one
    variables = {"BASE_URL": own_stack.web().url, "PROMETHEUS_URL": unused, "COLUMNS": "200"}
    done = run(sys.executable, "-m", "demo.guide", **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    compared, shown = done.stdout.count("│ ✓ │"), done.stdout.count("│ ○ │")
    assert (compared + shown, shown) == (len(snippets()), 4)
    summary = f"{compared} match the guide (✓), 4 are only compiled or shown (○), 0 fail (✗)"
    assert summary in done.stdout
    assert "Completed 100 requests; django_http_requests_total_by_method +100" in done.stdout
    assert "received: risky, Important event occurred" in done.stdout
    assert "no traffic" not in done.stdout
