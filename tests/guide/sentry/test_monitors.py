"""Beat's tasks check in with Sentry, which misses what does not run."""

from typing import Any

import pytest
from celery.beat import ScheduleEntry, Scheduler
from celery.schedules import schedule
from django.conf import settings

from deltacrown.celery import app
from tests.guide.sentry.application import failing_task
from tests.sentry_capture import Kept

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tasks_in_process"),
]


@pytest.fixture
def scheduler() -> Scheduler:
    return Scheduler(app, lazy=True)


def ran(scheduler: Scheduler, name: str, task: str, seconds: float) -> None:
    """As beat has it run, with the worker in this process."""
    scheduler.apply_entry(
        ScheduleEntry(name=name, task=task, schedule=schedule(seconds, app=app), app=app)
    )


def check_ins(sent: Kept) -> list[tuple[str, str]]:
    return [(one["monitor_slug"], one["status"]) for one in sent.items("check_in")]


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_a_task_of_the_schedule_begins_and_ends(
    scheduler: Scheduler, sent_to_sentry: Kept, name: str
) -> None:
    entry: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE[name]
    ran(scheduler, name, entry["task"], entry["schedule"])
    if entry["schedule"] < 60:
        assert check_ins(sent_to_sentry) == []  # Sentry's least is a minute
        return
    assert check_ins(sent_to_sentry) == [(name, "in_progress"), (name, "ok")]
    began, ended = sent_to_sentry.items("check_in")
    assert began["check_in_id"] == ended["check_in_id"]
    minutes = round(entry["schedule"] / 60)
    every = {"type": "interval", "value": minutes, "unit": "minute"}
    assert began["monitor_config"]["schedule"] == every
    assert ended["duration"] >= 0
    assert (ended["environment"], ended["release"]) == ("staging", "1.2.3")


def test_a_task_that_fails_checks_in_as_failed(scheduler: Scheduler, sent_to_sentry: Kept) -> None:
    ran(scheduler, "fails", failing_task.name, 60)
    assert check_ins(sent_to_sentry) == [("fails", "in_progress"), ("fails", "error")]
    [event] = sent_to_sentry.events()
    assert event["transaction"] == failing_task.name
