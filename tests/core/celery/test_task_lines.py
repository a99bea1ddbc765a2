"""*Task ended*: a line for what was done and what failed, and none for a clock that ticks."""

import logging
from collections.abc import Callable, Iterator

import pytest

from deltacrown.celery import app

PERIODIC, SENT = "tests.periodic", "tests.sent"
pytestmark = pytest.mark.usefixtures("tasks_in_process")


@pytest.fixture(autouse=True)
def _scheduled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(app.conf.beat_schedule, "of a test", {"task": PERIODIC, "schedule": 60.0})
    yield
    for name in (PERIODIC, SENT):
        app.tasks.pop(name, None)


def level(name: str, does: Callable[[], object], caplog: pytest.LogCaptureFixture) -> int:
    caplog.set_level(logging.DEBUG, "deltacrown.tasks")

    @app.task(name=name)
    def task() -> object:
        return does()

    task.delay()
    [line] = [one for one in caplog.records if one.message == "Task ended"]
    return line.levelno


@pytest.mark.parametrize("nothing", [None, 0, False])
def test_a_periodic_task_that_found_nothing_to_do_is_for_who_debugs(
    nothing: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert level(PERIODIC, lambda: nothing, caplog) == logging.DEBUG


def test_one_that_did_something_is_told(caplog: pytest.LogCaptureFixture) -> None:
    assert level(PERIODIC, lambda: 3, caplog) == logging.INFO


def test_one_that_failed_is_told(caplog: pytest.LogCaptureFixture) -> None:
    assert level(PERIODIC, lambda: 1 / 0, caplog) == logging.INFO


def test_a_task_that_somebody_sent_is_told_whatever_it_returns(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert level(SENT, lambda: None, caplog) == logging.INFO
