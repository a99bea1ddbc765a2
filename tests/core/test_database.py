"""A process that is to begin with its database, and does not reach it, says so in a line."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from stack.ports import free_port
from tests.api.served import ROOT


def ended(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    usual = {"PATH": path, "VENV": "none", "SECRET_KEY": "k" * 32, "DB_PASSWORD": "hunter2"}
    ended = subprocess.run(
        command, cwd=ROOT, env=usual | variables, capture_output=True, text=True, timeout=180,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "hunter2" not in ended.stdout + ended.stderr
    return ended


@pytest.fixture
def silent() -> Iterator[str]:
    """The port of who takes connections and says nothing."""
    with socket.socket() as black_hole:
        black_hole.bind(("127.0.0.1", 0))
        black_hole.listen(8)
        yield str(black_hole.getsockname()[1])


def told(ended: subprocess.CompletedProcess[str]) -> str:
    what, fault = ended.stderr.splitlines()
    assert what == "The database cannot be used:"
    assert fault.endswith("check host and port, and that a server runs there and takes "
                          "connections from here")  # fmt: skip
    return fault


@pytest.mark.parametrize("command", ["migrate", "prepare"])
def test_a_closed_port_is_told(command: str) -> None:
    port = str(free_port())
    place = {"DB_HOST": "127.0.0.1", "DB_PORT": port, "LOG_FORMAT": "console"}
    fault = told(ended("python", "manage.py", command, **place))
    assert fault.startswith(f"  127.0.0.1:{port}: ")
    assert "Connection refused" in fault


def test_so_is_a_name_that_nobody_has() -> None:
    place = {"DB_HOST": "nowhere.invalid", "LOG_FORMAT": "console"}
    fault = told(ended("python", "manage.py", "migrate", **place))
    assert fault.startswith("  nowhere.invalid:5432: ")
    assert "resolve host" in fault


def test_so_is_a_file_that_cannot_be_opened() -> None:
    place = {"SQLITE_PATH": "/nowhere/db.sqlite3", "LOG_FORMAT": "console"}
    done = ended("python", "manage.py", "migrate", **place)
    assert done.stderr == (
        "The database cannot be used:\n  /nowhere/db.sqlite3: unable to open database file\n"
    )


@pytest.mark.postgres
def test_a_server_that_refuses_is_quoted() -> None:
    """Host and port are right."""
    server = connection.settings_dict
    place = {"DB_HOST": server["HOST"], "DB_PORT": str(server["PORT"]), "DB_USER": server["USER"]}
    done = ended("python", "manage.py", "migrate", **place, DB_NAME="nobodys", LOG_FORMAT="console")
    assert done.stderr.endswith('FATAL:  database "nobodys" does not exist\n')


def test_a_worker_ends_with_one_json_line_before_it_takes_a_task(
    silent: str, tmp_path: Path
) -> None:
    """Its supervisor starts it again; the tasks wait in the queue."""
    place = {"DB_HOST": "127.0.0.1", "DB_PORT": silent, "WORKER_METRICS_DIR": str(tmp_path)}
    lines = [json.loads(line) for line in ended("bin/worker", **place).stdout.splitlines()]
    [fault] = [line for line in lines if line["level"] in ("ERROR", "CRITICAL")]
    assert fault["message"].startswith(
        f"The database cannot be used: 127.0.0.1:{silent}: connection timeout expired"
    )
    assert "exc_info" not in fault


def test_what_a_command_gets_wrong_in_a_database_that_answers_stays_told(tmp_path: Path) -> None:
    """The table is missing, and that is no fault of the connection."""
    place = {"SQLITE_PATH": str(tmp_path / "db.sqlite3"), "LOG_FORMAT": "console"}
    path = {"PATH": os.environ["PATH"], "SECRET_KEY": "k" * 32}
    done = subprocess.run(
        [sys.executable, "manage.py", "audit_verify"], cwd=ROOT, env=path | place,
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "no such table" in done.stderr
    assert "Traceback" in done.stderr
