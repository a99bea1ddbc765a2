"""The level of the log line *Task ended*."""

import logging
from collections.abc import Callable, Iterator

import pytest

from deltacrown.celery import app

PERIODIC, SENT = "tests.periodic", "tests.sent"
pytestmark = pytest.mark.usefixtures("tasks_in_process")


@pytest.fixture(autouse=True)
def _schedule(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(app.conf.beat_schedule, "test", {"task": PERIODIC, "schedule": 60.0})
    yield
    for name in (PERIODIC, SENT):
        app.tasks.pop(name, None)


def level(name: str, run: Callable[[], object], caplog: pytest.LogCaptureFixture) -> int:
    caplog.set_level(logging.DEBUG, "apps.core.celery.signals")

    @app.task(name=name)
    def task() -> object:
        return run()

    task.delay()
    [record] = [record for record in caplog.records if record.message == "Task ended"]
    return record.levelno


@pytest.mark.parametrize("nothing", [None, 0, False])
def test_a_periodic_task_without_work_is_logged_at_debug(
    nothing: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert level(PERIODIC, lambda: nothing, caplog) == logging.DEBUG


@pytest.mark.parametrize("run", [lambda: 3, lambda: 1 / 0], ids=["did something", "failed"])
def test_a_periodic_task_that_worked_or_failed_is_logged_at_info(
    run: Callable[[], object], caplog: pytest.LogCaptureFixture
) -> None:
    assert level(PERIODIC, run, caplog) == logging.INFO


def test_a_published_task_is_logged_at_info_for_any_result(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert level(SENT, lambda: None, caplog) == logging.INFO
