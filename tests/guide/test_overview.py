"""MONITORING.md, "Overview" and "Support"."""

import re
from importlib.metadata import metadata
from pathlib import Path

from apps.core.prometheus.aliases import BY_METHOD
from stack.waiting import eventually
from tests.api.served import served
from tests.guide.claims import claims, guide
from tests.sentry_capture import SentryServer

ROOT = Path(__file__).parents[2]


@guide(
    "Overview",
    "Sentry: Error tracking",
    "Prometheus: Metrics collection",
    "Django Logging: Application logs",
    "Health Checks: /healthz",
)
def test_one_process_has_all_four_layers(tmp_path: Path) -> None:
    sentry = SentryServer()
    with served(tmp_path, SENTRY_DSN=sentry.dsn) as server:
        assert server.http.get("/healthz").status_code == 200
        assert server.http.get("/readiness").status_code == 200
        assert server.http.get("/nowhere").status_code == 404
        assert server.value(BY_METHOD, method="GET", status="404") == 1

        def told() -> None:
            assert [event["level"] for event in sentry.events()] == ["warning"]
            answered = [line["path"] for line in server.log_lines() if "status" in line]
            assert answered[-1] == "/nowhere"

        eventually(told)
    sentry.stop()


@guide("Support", "Sentry Documentation", "Prometheus Django", "Grafana Dashboards")
def test_where_the_guide_sends_one() -> None:
    """Nothing here asks the network. That its django-prometheus is the package we have, the package
    says; that it is somewhere else by now, docs/guide.md does."""
    sentry, prometheus, grafana = [
        claim.text.split(": ", 1)[1] for claim in claims() if claim.chapter == "Support"
    ]
    about = metadata("django-prometheus")
    assert prometheus.removeprefix("https://") in str(about["Home-page"])
    assert f"| `{prometheus}` |" in (ROOT / "docs" / "guide.md").read_text()
    for address in (sentry, grafana):
        assert re.fullmatch(r"https://(docs\.sentry\.io|grafana\.com)/[\w/-]+/", address)
