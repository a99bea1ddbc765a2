"""Periodic tasks check in with Sentry, which reports missing check-ins."""

from typing import Any

import pytest
from celery.beat import ScheduleEntry, Scheduler
from celery.schedules import schedule
from django.conf import settings

from deltacrown.celery import app
from tests.guide.sentry.application import failing_task
from tests.sentry_capture import Capture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tasks_in_process")]


@pytest.fixture
def scheduler() -> Scheduler:
    return Scheduler(app, lazy=True)


def run_task(scheduler: Scheduler, name: str, task: str, seconds: float) -> None:
    """Runs the task in this process, as beat and a worker do."""
    scheduler.apply_entry(
        ScheduleEntry(name=name, task=task, schedule=schedule(seconds, app=app), app=app)
    )


def check_ins(sent: Capture) -> list[tuple[str, str]]:
    return [(item["monitor_slug"], item["status"]) for item in sent.items("check_in")]


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_a_periodic_task_checks_in_at_its_start_and_end(
    scheduler: Scheduler, sent_to_sentry: Capture, name: str
) -> None:
    entry: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE[name]
    run_task(scheduler, name, entry["task"], entry["schedule"])
    if entry["schedule"] < 60:
        assert check_ins(sent_to_sentry) == []  # Sentry's minimum is a minute
        return
    assert check_ins(sent_to_sentry) == [(name, "in_progress"), (name, "ok")]
    start, end = sent_to_sentry.items("check_in")
    assert start["check_in_id"] == end["check_in_id"]
    minutes = round(entry["schedule"] / 60)
    interval = {"type": "interval", "value": minutes, "unit": "minute"}
    assert start["monitor_config"]["schedule"] == interval
    assert end["duration"] >= 0
    assert (end["environment"], end["release"]) == ("staging", "1.2.3")


def test_a_task_that_fails_checks_in_as_failed(
    scheduler: Scheduler, sent_to_sentry: Capture
) -> None:
    run_task(scheduler, "fails", failing_task.name, 60)
    assert check_ins(sent_to_sentry) == [("fails", "in_progress"), ("fails", "error")]
    [event] = sent_to_sentry.events()
    assert event["transaction"] == failing_task.name
