"""MONITORING.md, "Sentry Integration": who decides what is sampled, and what never is."""

from itertools import count
from random import Random
from typing import Any

import pytest
import sentry_sdk

from tests import sentry_capture
from tests.guide.sentry.application import (
    URLCONF,
    Application,
    requests_only,
    sleeping_task,
    trace_of,
)
from tests.sentry_capture import Kept

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("rate", [0.0, 1.0])
@pytest.mark.parametrize("decision", ["0", "1"])
async def test_a_client_cannot_decide_whether_it_is_sampled(
    settings: Any, rate: float, decision: str
) -> None:
    settings.ROOT_URLCONF = URLCONF
    kept = sentry_capture.start(traces_sample_rate=rate)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {
        "sentry-trace": f"{trace}-00f067aa0ba902b7-{decision}",
        "baggage": f"sentry-trace_id={trace},sentry-sample_rate=1,sentry-sampled=true,"
        "sentry-sample_rand=0.000001,sentry-release=theirs",
        "traceparent": f"00-{trace}-00f067aa0ba902b7-0{decision}",
    }
    try:
        await requests_only().ask("GET", "/api/wallet", headers=headers)
    finally:
        sentry_capture.stop()
    assert len(kept.transactions()) == rate
    if rate:
        assert trace_of(kept.transactions()[0]) == trace  # its id is welcome
        assert kept.envelopes[0].headers["trace"]["release"] == "1.2.3"


@pytest.mark.usefixtures("tasks_in_process")
@pytest.mark.parametrize("sampled", [True, False])
def test_a_task_is_sampled_where_its_request_is(sampled: bool) -> None:
    """With half of all sampled, a task of its own would be half the time."""
    kept = sentry_capture.start(traces_sample_rate=0.5)
    try:
        for _ in range(12):
            with (
                sentry_sdk.isolation_scope(),
                sentry_sdk.start_transaction(name="a request", sampled=sampled),
            ):
                sleeping_task.apply_async(kwargs={"seconds": 0})
    finally:
        sentry_capture.stop()
    names = [one["transaction"] for one in kept.transactions()]
    assert names.count("tests.sleeping_task") == (12 if sampled else 0)


async def test_sentrys_trace_is_the_one_of_the_log_lines(
    application: Application, sent_to_sentry: Kept
) -> None:
    trace = (await application.ask("GET", "/known")).json()["trace_id"]
    [transaction] = sent_to_sentry.transactions()
    assert trace_of(transaction) == trace


async def test_nor_by_the_trace_id_from_which_the_sdk_would_draw_the_decision(
    settings: Any,
) -> None:
    """With this one it would sample each of them."""
    settings.ROOT_URLCONF = URLCONF
    trace = next(f"{n:032x}" for n in count(1) if Random(f"{n:032x}").random() < 0.01)
    kept = sentry_capture.start(traces_sample_rate=0.5)
    try:
        headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        for _ in range(60):
            await requests_only().ask("GET", "/known", headers=headers)
    finally:
        sentry_capture.stop()
    assert 10 <= len(kept.transactions()) <= 50  # but for one in ten million runs
    assert {trace_of(one) for one in kept.transactions()} == {trace}
    drawn = {
        one.headers["trace"]["sample_rand"] for one in kept.envelopes if "trace" in one.headers
    }
    assert len(drawn) == len(kept.transactions())


@pytest.mark.parametrize("path", ["/healthz", "/readiness", "/metrics/"])
async def test_probes_and_scrapes_are_no_transactions(
    application: Application, sent_to_sentry: Kept, path: str
) -> None:
    assert (await application.ask("GET", path)).status_code == 200
    await application.ask("GET", "/known")
    assert [one["transaction"] for one in sent_to_sentry.transactions()] == ["/known"]


async def test_each_request_is_one_transaction(
    application: Application, sent_to_sentry: Kept
) -> None:
    for path in ("/known", "/known", "/fails/17/3", "/nowhere"):
        await application.ask("GET", path)
    assert [one["transaction"] for one in sent_to_sentry.transactions()] == [
        "/known",
        "/known",
        "/fails/{tournament_id}/{match_id}",
        "(no route)",
    ]
