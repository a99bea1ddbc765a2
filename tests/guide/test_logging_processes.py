"""The guide's checklist: "Verify JSON logging in production", in every process."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from stack.processes import Stack
from stack.waiting import eventually
from tests.guide.claims import guide
from tests.guide.logging_tools import PRODUCTION, Line, lines_of, parsed, run
from tests.programs import manage
from tests.stacks import on_sqlite, redis_url

pytestmark = pytest.mark.stack

RELEASE = "2026.11.3"
REQUEST_ID = "the-request-that-enqueued"
SERVICES = ("web", "worker", "beat")


class Running:
    """web, worker and beat as in production: each has its stdout, and they share a log file."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.processes = {"web": stack.web(), "worker": stack.worker(), "beat": stack.beat()}

    def lines(self, service: str) -> list[Line]:
        """The log lines of a service, without the text that Celery prints when it shuts down."""
        texts = self.processes[service].lines()
        return [parsed(text) for text in texts if text and not text.startswith("worker: ")]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The processes after some work, stopped so that the last lines are written."""
    folder = tmp_path_factory.mktemp("logging")
    with on_sqlite(folder) as stack:
        stack.environment |= PRODUCTION | {
            "REDIS_URL": redis_url(8),
            "SENTRY_RELEASE": RELEASE,
            "LOG_FILE": str(folder / "deltacrown.log"),
            "LOG_LEVEL": "INFO,apps.core.celery.signals=DEBUG",
        }
        running = Running(stack)
        _work(running)
        assert [process.stop() for process in running.processes.values()] == [0, 0, 0]
        yield running


def _work(running: Running) -> None:
    http = httpx.Client(base_url=running.processes["web"].url, timeout=180)
    account = {"username": "Newcomer", "password": "correct-horse-battery"}
    http.post("/api/accounts/", json=account, headers={"X-Request-ID": REQUEST_ID})
    script = "from apps.core.celery.tasks import heartbeat; [heartbeat.delay() for _ in range(4)]"
    manage("shell", "-v0", "-c", script, **running.stack.environment)

    def beat_has_started() -> None:
        assert any(line["message"] == "beat: Starting..." for line in running.lines("beat"))
        assert any("task" in line for line in running.lines("worker"))

    eventually(beat_has_started)


@guide("Deployment Checklist", "Verify JSON logging in production")
@pytest.mark.parametrize("service", SERVICES)
def test_every_log_record_of_a_process_is_one_json_object(running: Running, service: str) -> None:
    lines = running.lines(service)
    assert lines[0]["message"] == "Process started"
    assert {line["service"] for line in lines} == {service}
    assert {line["release"] for line in lines} == {RELEASE}


def test_daphne_logs_the_request_with_its_ids(running: Running) -> None:
    lines = [line for line in running.lines("web") if line["request_id"] == REQUEST_ID]
    [access] = [line for line in lines if line["message"] == "Request answered"]
    assert len(access["trace_id"]) == 32
    assert {line["trace_id"] for line in lines} == {access["trace_id"]}


def test_a_task_without_a_request_has_its_own_request_id_and_trace_id(running: Running) -> None:
    """The children of the worker log tasks."""
    tasks = [line for line in running.lines("worker") if "task_id" in line]
    assert "apps.core.celery.signals" in {line["logger"] for line in tasks}
    assert all(len(line["request_id"]) == 32 and len(line["trace_id"]) == 32 for line in tasks)


def test_web_worker_and_beat_share_a_log_file(running: Running) -> None:
    """In any order: threads log at the same time, and each output has a queue of its own."""
    file = Path(running.stack.environment["LOG_FILE"])
    for service in SERVICES:
        in_file = sorted(line["timestamp"] for line in lines_of(file, service=service))
        assert in_file == sorted(line["timestamp"] for line in running.lines(service))


class TestUncaughtExceptions:
    def test_wrong_settings_are_one_line_in_every_process(self, tmp_path: Path) -> None:
        wrong = {"SECRET_KEY": "hunter2", "LOG_LEVEL": "LOUD"}
        for command in ("bin/web", "bin/worker", "bin/beat"):
            ended = run(command, **wrong, WORKER_METRICS_DIR=str(tmp_path / "metrics"))
            line = parsed(ended.stdout)
            assert (ended.returncode, ended.stderr) == (2, "")
            assert (line["level"], line["service"]) == ("CRITICAL", command.removeprefix("bin/"))
            assert "exc_info" not in line
            assert "LOG_LEVEL" in line["message"]
            assert "SECRET_KEY" in line["message"]
            assert "hunter2" not in ended.stdout

    def test_warnings_and_uncaught_exceptions_are_lines(self, tmp_path: Path) -> None:
        """After `install_hooks`, which the entry points call. A print is unchanged."""
        script = (
            "import threading, warnings\n"
            "from apps.core.logging import setup\n"
            "setup.install_hooks('shop')\n"
            "import django; django.setup()\n"
            "warnings.warn('deprecated')\n"
            "print('printed', flush=True)\n"
            "class Bad:\n"
            "    def __del__(self): raise ValueError('in a finalizer')\n"
            "Bad()\n"
            "thread = threading.Thread(target=lambda: 1 / 0, name='helper')\n"
            "thread.start(); thread.join()\n"
            "raise LookupError('at the end\\nof it')\n"
        )
        ended = run("python", "-c", script, DJANGO_SETTINGS_MODULE="deltacrown.settings")
        assert (ended.returncode, ended.stderr) == (1, "")
        texts = ended.stdout.splitlines()
        assert texts.count("printed") == 1
        lines = [parsed(text) for text in texts if text != "printed"]
        messages = {line["message"].splitlines()[0] for line in lines}
        assert messages >= {
            "Process started",
            "Uncaught exception: ValueError: in a finalizer",
            "Uncaught exception: ZeroDivisionError: division by zero",
            "Uncaught exception: LookupError: at the end",
        }
        assert any("deprecated" in message for message in messages)
        assert all("exc_info" in line for line in lines if line["level"] == "CRITICAL")


class TestManageCommands:
    def test_the_lines_of_a_command_are_on_stderr_and_its_result_on_stdout(self) -> None:
        script = "import logging; logging.getLogger('apps.shop').info('aside'); print(6 * 7)"
        ended = run("python", "manage.py", "shell", "-v0", "-c", script)
        assert ended.stdout == "42\n"
        assert parsed(ended.stderr)["message"] == "aside"

    def test_a_mistyped_command_is_reported_as_text(self) -> None:
        ended = run("python", "manage.py", "nonsense")
        assert ended.returncode == 1
        assert ended.stderr.startswith("Unknown command: 'nonsense'\n")
