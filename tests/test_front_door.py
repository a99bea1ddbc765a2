"""`make run` in a fresh clone."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.ports import free_port
from stack.processes import Process
from tests.cached_fixtures import demo_sqlite
from tests.programs import run

VENV = sys.prefix
TIMEOUT = 180


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The settings of a developer's machine, with files and a port of the test."""
    return {
        "DEBUG": "1",
        "SECRET_KEY": "",
        "DB_HOST": "",
        "REDIS_URL": "",
        "SQLITE_PATH": str(tmp_path / "db.sqlite3"),
        "STATIC_ROOT": str(tmp_path / "static"),
        "VENV": VENV,
        "PORT": str(free_port()),
    }


@pytest.fixture
def started(environment: dict[str, str], tmp_path: Path) -> Iterator[Process]:
    process = Process(["bin/run"], environment, tmp_path / "run.log", port=int(environment["PORT"]))
    yield process
    process.stop()


def test_it_prints_its_url_and_ctrl_c_stops_it_cleanly(started: Process) -> None:
    os.killpg(started.popen.pid, signal.SIGINT)
    assert started.popen.wait(TIMEOUT) == 0
    output = started.log.read_text()
    assert f"{started.url}/" in output
    assert output.rstrip().endswith("Stopped.")
    assert "Traceback" not in output
    assert "Error" not in output


def test_a_server_that_dies_is_reported_and_fails(
    environment: dict[str, str], request: pytest.FixtureRequest
) -> None:
    demo_sqlite(Path(environment["SQLITE_PATH"]))  # the first start makes it, in ten seconds
    started: Process = request.getfixturevalue("started")
    subprocess.run(["pkill", "-KILL", "-P", str(started.popen.pid)], check=True)
    assert started.popen.wait(TIMEOUT) == 1
    assert "exited unexpectedly" in started.log.read_text()


def test_a_port_in_use_is_reported_in_one_line(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environment["PORT"]))):
        done = run("bin/run", **environment)
    assert done.returncode == 1
    assert re.fullmatch(r"Port \d+ on 127\.0\.0\.1 is unavailable .*PORT=\d+\n", done.stderr)
    assert done.stdout == ""


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_an_invalid_port_is_reported_in_one_line(environment: dict[str, str], port: str) -> None:
    done = run("bin/run", **environment | {"PORT": port})
    assert done.returncode == 1
    assert done.stderr == f"PORT={port} is not a port: use a number from 1 to 65535.\n"


def test_an_unsuitable_python_is_reported_in_one_line(tmp_path: Path) -> None:
    done = run("bin/install", "requirements.txt", VENV=str(tmp_path / "venv"), PYTHON="python2.7")
    assert done.returncode == 1
    assert done.stderr.startswith("DeltaCrown needs Python 3.11 or newer")
    assert "PYTHON=python2.7" in done.stderr
    assert done.stderr.count("\n") == 1


def test_installed_requirements_are_not_installed_again() -> None:
    done = run("make", "--dry-run", "run", f"VENV={VENV}")
    assert done.returncode == 0, done.stderr
    assert "bin/install" not in done.stdout
