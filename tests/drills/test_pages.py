"""Each alert that pages: its fault is caused, and the real Alertmanager notifies in time.

One stack serves all drills. They run in the background; each test waits for its own.
"""

from collections.abc import Iterator

import pytest

from drills.catalogue import BY_NAME, PLAN
from drills.native import native
from drills.runner import DrillRunner

TIMEOUT = 1500  # seconds for all drills
pytestmark = [pytest.mark.stack, pytest.mark.timeout(1600)]

IN_ORDER = [name for phase in PLAN for lane in phase for name in lane]


@pytest.fixture(scope="module")
def runner() -> Iterator[DrillRunner]:
    with native() as site:
        site.prepare()
        runner = DrillRunner(site, BY_NAME, print)
        runner.start()
        yield runner
        runner.cancel()


@pytest.mark.parametrize(
    ("name", "alert"), [(name, alert) for name in IN_ORDER for alert in BY_NAME[name].alerts]
)
def test_the_fault_pages_in_time_and_so_does_its_end(
    runner: DrillRunner, name: str, alert: str
) -> None:
    timelines = runner.results[name].result(timeout=TIMEOUT)
    timeline = next(timeline for timeline in timelines if timeline.alert == alert)
    assert timeline.verdict == "passed"
    assert timeline.channel == "pagerduty"
    assert timeline.notified is not None
    assert timeline.fired is not None
    assert timeline.fired <= timeline.notified <= timeline.limit


def test_every_message_was_valid_for_its_service(runner: DrillRunner) -> None:
    for result in runner.results.values():
        result.exception(timeout=TIMEOUT)
    receiver = runner.site.receiver
    assert receiver.rejected == []
    channels = {notification.channel for notification in receiver.notifications}
    assert channels >= {"pagerduty", "watchdog"}
