"""A process that cannot reach its database at the start reports it in one line and ends."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.guide.logging_tools import run


def ended(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    ended = run(*command, DB_PASSWORD="hunter2", **variables)
    assert ended.returncode == 2
    assert "hunter2" not in ended.stdout + ended.stderr
    return ended


@pytest.fixture
def silent() -> Iterator[str]:
    """The port of a server that accepts connections and sends nothing."""
    with socket.create_server(("127.0.0.1", 0)) as black_hole:
        yield str(black_hole.getsockname()[1])


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ({"DB_HOST": "127.0.0.1", "DB_PORT": "1"}, r"127\.0\.0\.1:1: .*Connection refused"),
        ({"DB_HOST": "nowhere.invalid"}, r"nowhere\.invalid:5432: .*resolve host"),
    ],
    ids=["closed port", "unknown host"],
)
@pytest.mark.parametrize("command", ["migrate", "prepare"])
def test_an_unreachable_server_is_reported(
    command: str, place: dict[str, str], reason: str
) -> None:
    done = ended("python", "manage.py", command, **place, LOG_FORMAT="console")
    advice = "check host and port, and that a server runs there and takes connections from here"
    assert re.fullmatch(f"The database cannot be used:\n  {reason}.*{advice}\n", done.stderr)


def test_a_file_that_cannot_be_opened_is_reported() -> None:
    place = {"SQLITE_PATH": "/nowhere/db.sqlite3", "LOG_FORMAT": "console"}
    done = ended("python", "manage.py", "migrate", **place)
    assert done.stderr == (
        "The database cannot be used:\n  /nowhere/db.sqlite3: unable to open database file\n"
    )


@pytest.mark.postgres
def test_the_reason_of_a_server_is_quoted() -> None:
    """Host and port are right."""
    server = connection.settings_dict
    place = {"DB_HOST": server["HOST"], "DB_PORT": str(server["PORT"]), "DB_USER": server["USER"]}
    done = ended(
        "python", "manage.py", "migrate", **place, DB_NAME="missing_database", LOG_FORMAT="console"
    )
    assert done.stderr.endswith('FATAL:  database "missing_database" does not exist\n')


def test_a_worker_ends_with_one_json_line_before_it_takes_a_task(
    silent: str, tmp_path: Path
) -> None:
    """Its supervisor starts it again; the tasks wait in the queue."""
    place = {"DB_HOST": "127.0.0.1", "DB_PORT": silent, "WORKER_METRICS_DIR": str(tmp_path)}
    lines = [json.loads(line) for line in ended("bin/worker", **place).stdout.splitlines()]
    [problem] = [line for line in lines if line["level"] in ("ERROR", "CRITICAL")]
    assert problem["message"].startswith(
        f"The database cannot be used: 127.0.0.1:{silent}: connection timeout expired"
    )
    assert "exc_info" not in problem


def test_another_database_error_keeps_its_traceback(tmp_path: Path) -> None:
    """The table is missing; the connection works."""
    place = {"SQLITE_PATH": str(tmp_path / "db.sqlite3"), "LOG_FORMAT": "console"}
    done = run("python", "manage.py", "audit_verify", **place)
    assert done.returncode == 1
    assert "no such table" in done.stderr
    assert "Traceback" in done.stderr
