import subprocess
import sys
from pathlib import Path

import pytest

from stack.ports import free_port
from stack.processes import ROOT, Process

pytestmark = pytest.mark.stack

TIMEOUT = 90


def locust(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).parent / "locust")
    command = [program, "-f", "locustfile.py", "--headless", "--only-summary", "--host", url]
    return subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )


def test_the_load_test_has_no_failure(web: Process, worker: Process) -> None:
    done = locust(web.url, "-u", "10", "-r", "5", "-t", "10s", "--stop-timeout", "10")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("/api/tournaments/", "register", "connect", "ping", "sign up"):
        assert name in done.stderr


def test_a_missing_server_is_reported_in_one_line() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = locust(url)
    assert done.returncode == 1
    [_, line] = done.stderr.splitlines()
    assert line.startswith(f"DeltaCrown is not running at {url}")
