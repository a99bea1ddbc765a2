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


@pytest.mark.parametrize(
    ("name", "result", "level"),
    [
        (PERIODIC, lambda: None, logging.DEBUG),
        (PERIODIC, lambda: 0, logging.DEBUG),
        (PERIODIC, lambda: False, logging.DEBUG),
        (PERIODIC, lambda: 3, logging.INFO),
        (PERIODIC, lambda: 1 / 0, logging.INFO),
        (SENT, lambda: None, logging.INFO),
    ],
    ids=["None", "0", "False", "did something", "failed", "not periodic"],
)
def test_a_periodic_task_without_work_is_logged_at_debug_and_any_other_at_info(
    name: str, result: Callable[[], object], level: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "apps.core.celery.signals")

    @app.task(name=name)
    def task() -> object:
        return result()

    task.delay()
    [record] = [record for record in caplog.records if record.message == "Task ended"]
    assert record.levelno == level
