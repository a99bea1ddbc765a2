import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack.processes import ROOT, Process

pytestmark = pytest.mark.stack


def test_the_load_test_finds_no_failure(web: Process, worker: Process) -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "locust"),
            *("-f", "locustfile.py", "--headless", "--only-summary", "--host", web.url),
            *("-u", "10", "-r", "5", "-t", "10s", "--stop-timeout", "10"),
        ],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("/api/tournaments/", "register", "connect", "ping", "sign up"):
        assert name in done.stderr
