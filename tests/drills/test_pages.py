"""For each alert that wakes somebody: its fault is really caused, the real Alertmanager tells it
within what the rule promises, and tells later that it is over.

One stack for all. The drills go on by themselves, each test waits for its own.
"""

from collections.abc import Iterator

import pytest

from drills.catalogue import BY_NAME, PLAN
from drills.native import native
from drills.run import Run

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

IN_ORDER = [name for phase in PLAN for lane in phase for name in lane]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with native() as site:
        site.prepare()
        run = Run(site, BY_NAME, print)
        run.start()
        yield run
        run.cancel()


@pytest.mark.parametrize(
    ("name", "alert"), [(name, alert) for name in IN_ORDER for alert in BY_NAME[name].alerts]
)
def test_the_fault_is_told_in_time_and_so_is_its_end(run: Run, name: str, alert: str) -> None:
    courses = run.ended[name].result(timeout=840)
    course = next(course for course in courses if course.alert == alert)
    assert course.verdict == "passed"
    assert course.channel == "pagerduty"
    assert course.notified is not None
    assert course.fired is not None
    assert course.fired <= course.notified <= course.limit


def test_pagerduty_slack_and_the_switch_would_have_taken_every_message(run: Run) -> None:
    for ended in run.ended.values():
        ended.exception(timeout=840)
    assert run.site.receiver.refused == []
    assert {one.channel for one in run.site.receiver.notifications} >= {"pagerduty", "watchdog"}
