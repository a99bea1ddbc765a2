"""`make run`, as somebody meets it who has just cloned the project."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.ports import free_port
from stack.processes import ROOT

VENV = sys.prefix


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_once(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bin/run"],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """What a developer's machine sets, with files of its own."""
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
def started(bare: dict[str, str], tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    log = tmp_path / "run.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bin/run"],
            cwd=ROOT,
            env=os.environ | bare,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait_for(int(bare["PORT"]))
    yield process, log
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on {port}")


def test_it_prints_where_it_is_and_ctrl_c_ends_it_cleanly(
    started: tuple[subprocess.Popen[bytes], Path], bare: dict[str, str]
) -> None:
    process, log = started
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 0
    said = log.read_text()
    assert f"http://127.0.0.1:{bare['PORT']}/" in said
    assert said.rstrip().endswith("Stopped.")
    assert "Traceback" not in said
    assert "Error" not in said


def test_a_server_that_dies_is_not_taken_for_one_that_was_stopped(
    started: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, log = started
    subprocess.run(["pkill", "-KILL", "-P", str(process.pid)], check=True)
    assert process.wait(60) == 1
    assert "ended by itself" in log.read_text()


def test_a_taken_port_is_one_clear_line(bare: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(bare["PORT"])))
        taken.listen()
        done = run_once(bare)
    assert done.returncode == 1
    assert re.fullmatch(r"Port \d+ of 127\.0\.0\.1 cannot be used .*PORT=\d+\n", done.stderr)
    assert done.stdout == ""


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_a_port_that_is_none_is_one_clear_line(bare: dict[str, str], port: str) -> None:
    done = run_once(bare | {"PORT": port})
    assert done.returncode == 1
    assert done.stderr == f"PORT={port} is no port: take a number from 1 to 65535.\n"


def test_a_missing_python_is_one_clear_line(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bin/install", "requirements.txt"],
        cwd=ROOT,
        env=os.environ | {"VENV": str(tmp_path / "venv"), "PYTHON": "python2.7"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("DeltaCrown needs Python 3.11 or newer")
    assert "PYTHON=python2.7" in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_is_installed_is_not_installed_again() -> None:
    done = make("--dry-run", "run", VENV=VENV)
    assert done.returncode == 0, done.stderr
    assert "bin/install" not in done.stdout


def test_help_explains_every_command() -> None:
    said = make("help").stdout
    for command in ("run", "demo", "load", "load-ui", "test", "lint", "bench", "lock"):
        assert re.search(rf"^  make {command} ", said, re.MULTILINE)
