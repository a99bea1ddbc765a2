"""The metrics page, read like Prometheus does."""

import asyncio
import re
import threading
from typing import Any

import pytest
from django_prometheus.middleware import Metrics
from httpx import AsyncClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from apps.core import thread_pool
from apps.core.checks.deployment import KIT_NAMES
from apps.core.conf import conf
from apps.core.prometheus.endpoint import MetricsEndpoint, render
from apps.core.types import Receive, Scope, Send
from apps.core.websocket import connections, rejections  # noqa: F401 they create series
from tests import samples
from tests.asgi import client_of

Metrics.get_instance()  # created with the first middleware otherwise

REFUSED = "metrics_scrapes_refused_total"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
KNOWN_AT_ZERO = [
    ("django_http_requests_total_by_method", {"method": "POST", "status": "503"}),
    ("payments_processed_total", {"status": "SUCCESS", "method": "PAYPAL"}),
    ("payments_processed_total", {"status": "FAILED", "method": "STRIPE"}),
    ("tournament_registrations_total", {"tournament_id": "other", "status": "FAILED"}),
    ("ws_connection_failures_total", {"reason": "origin"}),
    ("ws_connection_failures_total", {"reason": "overloaded"}),
    ("ws_messages_sent_total", {"message_type": "error"}),
    ("metrics_scrapes_refused_total", {"status": "503"}),
    ("ws_connections_active", {"tournament_id": "other"}),
]


async def beyond(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"beyond"})


def test_each_name_of_the_guide_has_a_series_from_the_start() -> None:
    needs_a_request = {"django_http_requests_total_by_view_transport_method"}
    expected = {*KIT_NAMES, *conf.CHECK_METRICS} - needs_a_request
    assert expected <= {name for name, _ in samples.samples()}


@pytest.fixture
def page() -> AsyncClient:
    return client_of(MetricsEndpoint(beyond))


@pytest.mark.parametrize(("name", "labels"), KNOWN_AT_ZERO)
def test_known_label_sets_exist_from_the_start(name: str, labels: dict[str, str]) -> None:
    assert samples.value(name, **labels) is not None


def test_both_formats_parse_and_have_the_same_names(client: Any) -> None:
    client.get("/api/docs")
    text, text_type = render("text/plain")
    open_, open_type = render(OPENMETRICS)
    assert text_type.startswith("text/plain")
    assert open_type.startswith("application/openmetrics-text")
    in_text = {sample.name for family in parse_text(text.decode()) for sample in family.samples}
    families = parse_openmetrics(open_.decode())
    in_open = {sample.name for family in families for sample in family.samples}
    assert in_text == in_open
    assert open_.endswith(b"# EOF\n")


def test_no_series_appears_twice() -> None:
    lines = render("text/plain")[0].decode().splitlines()
    series = [line.rpartition(" ")[0] for line in lines if not line.startswith("#")]
    assert len(series) == len(set(series))


def test_no_series_has_a_creation_time() -> None:
    for accept in ("text/plain", OPENMETRICS):
        assert not re.search(rb"_created\b", render(accept)[0])


async def test_the_format_goes_by_accept(page: AsyncClient) -> None:
    answer = await page.get("/metrics/", headers={"accept": OPENMETRICS})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.headers["cache-control"] == "no-store"
    assert list(parse_openmetrics(answer.text))


async def test_the_page_rejects_post(page: AsyncClient) -> None:
    answer = await page.post("/metrics/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/metricsx", "/metrics/x", "/", "/api/metrics/"])
async def test_other_paths_reach_the_application(path: str, page: AsyncClient) -> None:
    assert (await page.get(path)).status_code == 299


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer scrape-me", 200),
        ("Bearer scrape-m", 401),
        ("Bearer scrape-mee", 401),
        ("Bearer Scrape-Me", 401),
        ("Basic scrape-me", 401),
        ("scrape-me", 401),
        ("Bearer \u00e9", 401),
        ("", 401),
    ],
)
async def test_the_page_requires_the_token(
    authorization: str, status: int, page: AsyncClient, settings: Any
) -> None:
    settings.METRICS_TOKEN = "scrape-me"
    refused = samples.increase(REFUSED, status="401")
    headers = {b"authorization": authorization.encode()}
    answer = await page.get("/metrics/", headers=headers)
    assert answer.status_code == status
    assert ("ws_connections_active" in answer.text) == (status == 200)
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert refused() == (status == 401)


async def test_too_many_concurrent_scrapes_get_a_503(page: AsyncClient) -> None:
    counted = samples.increase(REFUSED, status="503")
    release = threading.Event()
    pool = thread_pool.monitoring_threads()
    held = [asyncio.create_task(pool.run(release.wait, 5)) for _ in range(pool.size + pool.limit)]
    await asyncio.sleep(0)
    try:
        refused = await page.get("/metrics/")
    finally:
        release.set()
        await asyncio.gather(*held)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["error"]["code"] == "overloaded"
    assert counted() == 1
    assert (await page.get("/metrics/")).status_code == 200
