"""MONITORING.md, "Overview" and "Support"."""

import re
from importlib.metadata import metadata
from pathlib import Path

from apps.core.prometheus.aliases import BY_METHOD
from stack.sentry import SentryServer
from stack.waiting import eventually
from tests.api.served import served
from tests.guide.claims import claims, guide
from tests.programs import ROOT


@guide(
    "Overview",
    "Sentry: Error tracking",
    "Prometheus: Metrics collection",
    "Django Logging: Application logs",
    "Health Checks: /healthz",
)
def test_one_process_has_all_four_layers(tmp_path: Path, sentry: SentryServer) -> None:
    with served(tmp_path, SENTRY_DSN=sentry.dsn) as server:
        assert server.http.get("/healthz").status_code == 200
        assert server.http.get("/readiness").status_code == 200
        assert server.http.get("/nowhere").status_code == 404
        assert server.value(BY_METHOD, method="GET", status="404") == 1

        def sentry_and_log_have_the_404() -> None:
            assert [event["level"] for event in sentry.events()] == ["warning"]
            paths = [line["path"] for line in server.log_lines() if "status" in line]
            assert paths[-1] == "/nowhere"

        eventually(sentry_and_log_have_the_404)


@guide("Support", "Sentry Documentation", "Prometheus Django", "Grafana Dashboards")
def test_the_links_of_the_guide_belong_to_the_libraries_in_use() -> None:
    """Makes no network request. docs/guide.md has the current address of django-prometheus."""
    sentry, prometheus, grafana = [
        claim.text.split(": ", 1)[1] for claim in claims() if claim.chapter == "Support"
    ]
    home_page = metadata("django-prometheus")["Home-page"]
    assert prometheus.removeprefix("https://") in str(home_page)
    assert f"| `{prometheus}` |" in (ROOT / "docs" / "guide.md").read_text()
    for address in (sentry, grafana):
        assert re.fullmatch(r"https://(docs\.sentry\.io|grafana\.com)/[\w/-]+/", address)
