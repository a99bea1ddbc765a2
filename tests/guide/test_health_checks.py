"""MONITORING.md, "Health Check Endpoints": the responses equal those in the guide."""

import json
import time
from datetime import datetime

import pytest

from apps.core import health
from stack.processes import Stack
from stack.waiting import eventually_equal
from tests.api.served import Served, serving
from tests.guide.claims import claims, guide
from tests.stacks import own_redis

CHAPTER = "Health Check Endpoints"


def body_in_guide(first_line: str) -> dict[str, str]:
    """The response body that the guide shows in the block that starts with this line."""
    [text] = [
        claim.text
        for claim in claims()
        if claim.chapter == CHAPTER and claim.is_code and claim.begins_with(first_line)
    ]
    body: dict[str, str] = json.loads(text[text.index("{") :])
    return body


@guide(
    CHAPTER,
    "Returns 200 OK if the application is running.",
    "$ curl http://localhost:8000/healthz",
    "Use Case: Kubernetes liveness probe",
)
def test_healthz_answers_200_while_the_process_runs(server: Served) -> None:
    response = server.http.get("/healthz")
    assert response.status_code == 200
    assert response.json() == body_in_guide("$ curl http://localhost:8000/healthz")
    load_balancer = {"Host": "10.0.0.7"}
    assert server.http.get("/healthz/", headers=load_balancer).status_code == 200


@guide(
    CHAPTER,
    "Returns 200 OK if application + dependencies are ready.",
    "$ curl http://localhost:8000/readiness",
    "Database connection (PostgreSQL)",
    "Redis connection (cache + channels)",
    "Channel layer availability",
    "Use Case: Kubernetes readiness probe",
    '"status": "not_ready"',
)
@pytest.mark.redis
def test_readiness_reports_each_dependency(own_stack: Stack) -> None:
    redis = own_redis(own_stack)
    with serving(own_stack, REDIS_URL=f"redis://{redis.address}/0") as server:
        response = server.http.get("/readiness")
        assert response.status_code == 200
        expected = body_in_guide("$ curl http://localhost:8000/readiness") | {"channel_layer": "ok"}
        assert _without_time(response.json()) == _without_time(expected)
        with redis.frozen():
            time.sleep(health.CACHE_SECONDS)
            response = server.http.get("/readiness")
            assert response.status_code == 503
            assert server.http.get("/healthz").status_code == 200
        expected = _without_time(body_in_guide('"status": "not_ready"'))
        report = _without_time(response.json())
        assert report.pop("channel_layer") == "error"
        assert report.pop("error").startswith(expected.pop("error"))
        assert report == expected
        eventually_equal(lambda: server.http.get("/readiness").status_code, 200)


def _without_time(report: dict[str, str]) -> dict[str, str]:
    """The report without its timestamp, which is verified to be in UTC."""
    assert report["timestamp"].endswith("Z")
    assert datetime.fromisoformat(report["timestamp"]).tzinfo is not None
    return {key: value for key, value in report.items() if key != "timestamp"}
