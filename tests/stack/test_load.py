import pytest

from stack.ports import free_port
from stack.processes import Process
from tests.programs import run

pytestmark = pytest.mark.stack


def test_the_load_test_has_no_failure(web: Process, worker: Process) -> None:
    done = run("bin/load", "--run-time", "10s", BASE_URL=web.url, USERS="10")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("/api/tournaments/", "register", "connect", "ping", "sign up"):
        assert name in done.stderr


def test_a_missing_server_is_reported_in_one_line() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = run("bin/load", BASE_URL=url)
    assert done.returncode == 1
    [_, line] = done.stderr.splitlines()
    assert line.startswith(f"DeltaCrown is not running at {url}")
