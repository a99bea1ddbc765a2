"""MONITORING.md, "Sentry Integration": sampling does not depend on the client."""

from itertools import count
from random import Random

import pytest
import sentry_sdk

from tests.guide.sentry.application import Application, requests_only, sleeping_task, trace_of
from tests.sentry_capture import capturing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("rate", [0.0, 1.0])
@pytest.mark.parametrize("decision", ["0", "1"])
async def test_a_client_cannot_decide_whether_it_is_sampled(rate: float, decision: str) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {
        "sentry-trace": f"{trace}-00f067aa0ba902b7-{decision}",
        "baggage": f"sentry-trace_id={trace},sentry-sample_rate=1,sentry-sampled=true,"
        "sentry-sample_rand=0.000001,sentry-release=theirs",
        "traceparent": f"00-{trace}-00f067aa0ba902b7-0{decision}",
    }
    with requests_only(traces_sample_rate=rate) as application:
        await application.ask("GET", "/api/wallet", headers=headers)
    assert len(application.sent.transactions()) == rate
    if rate:
        assert trace_of(application.sent.transactions()[0]) == trace
        assert application.sent.envelopes[0].headers["trace"]["release"] == "1.2.3"


@pytest.mark.usefixtures("tasks_in_process")
@pytest.mark.parametrize("sampled", [True, False])
def test_a_task_is_sampled_if_its_request_is(sampled: bool) -> None:
    """An independent decision would sample half of the tasks."""
    with capturing(traces_sample_rate=0.5) as kept:
        for _ in range(12):
            with (
                sentry_sdk.isolation_scope(),
                sentry_sdk.start_transaction(name="a request", sampled=sampled),
            ):
                sleeping_task.apply_async(kwargs={"seconds": 0})
    names = [transaction["transaction"] for transaction in kept.transactions()]
    assert names.count("tests.sleeping_task") == (12 if sampled else 0)


async def test_sentry_and_log_lines_have_the_same_trace_id(application: Application) -> None:
    trace = (await application.ask("GET", "/known")).json()["trace_id"]
    [transaction] = application.sent.transactions()
    assert trace_of(transaction) == trace


async def test_the_trace_id_of_a_client_does_not_decide_the_sampling() -> None:
    """The SDK derives its random number from the trace id. It would sample all with this id."""
    trace = next(f"{n:032x}" for n in count(1) if Random(f"{n:032x}").random() < 0.01)
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    with requests_only(traces_sample_rate=0.5) as application:
        for _ in range(60):
            await application.ask("GET", "/known", headers=headers)
    kept = application.sent
    assert 10 <= len(kept.transactions()) <= 50  # fails once in ten million runs
    assert {trace_of(transaction) for transaction in kept.transactions()} == {trace}
    headers_of_traces = [
        item.headers["trace"] for item in kept.envelopes if "trace" in item.headers
    ]
    assert len({row["sample_rand"] for row in headers_of_traces}) == len(kept.transactions())


@pytest.mark.parametrize("path", ["/healthz", "/readiness", "/metrics/"])
async def test_probes_and_scrapes_are_not_transactions(application: Application, path: str) -> None:
    assert (await application.ask("GET", path)).status_code == 200
    await application.ask("GET", "/known")
    [transaction] = application.sent.transactions()
    assert transaction["transaction"] == "/known"


async def test_each_request_is_one_transaction(application: Application) -> None:
    for path in ("/known", "/known", "/fails/17/3", "/nowhere"):
        await application.ask("GET", path)
    assert [row["transaction"] for row in application.sent.transactions()] == [
        "/known",
        "/known",
        "/fails/{tournament_id}/{match_id}",
        "(no route)",
    ]
