"""MONITORING.md, "Prometheus Metrics": installation and configuration."""

import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django_prometheus.db.common import DatabaseWrapperMixin
from django_prometheus.middleware import PrometheusAfterMiddleware, PrometheusBeforeMiddleware

from apps.core.http.asgi_handler import OneHopHandler
from apps.core.http.request_metrics import AfterMiddleware, BeforeMiddleware
from apps.core.prometheus.endpoint import MetricsEndpoint
from tests.api.served import Served
from tests.asgi import client_of
from tests.guide.claims import guide
from tests.programs import ROOT, run


@guide("Prometheus Metrics", "django-prometheus>=2.3.1", "pip install django-prometheus")
def test_django_prometheus_is_required_and_locked() -> None:
    assert "django-prometheus>=2.5.0" in (ROOT / "requirements.in").read_text()
    assert "\ndjango-prometheus==2.5" in (ROOT / "requirements.txt").read_text()


@guide(
    "Prometheus Metrics", "# Implements: Documents/MONITORING.md#prometheus", "INSTALLED_APPS = ["
)
def test_django_prometheus_is_the_first_app() -> None:
    assert settings.INSTALLED_APPS[0] == "django_prometheus"


@guide("Prometheus Metrics", "MIDDLEWARE = [")
def test_its_middlewares_surround_all_others_but_the_access_log() -> None:
    """The project's middlewares fix bugs of the library's, and inherit from them."""
    assert issubclass(BeforeMiddleware, PrometheusBeforeMiddleware)
    assert issubclass(AfterMiddleware, PrometheusAfterMiddleware)
    assert settings.MIDDLEWARE[:2] == [
        "apps.core.http.access_log.AccessLogMiddleware",
        "apps.core.http.request_metrics.BeforeMiddleware",
    ]
    assert settings.MIDDLEWARE[-1] == "apps.core.http.request_metrics.AfterMiddleware"


@guide("Prometheus Metrics", "# Prometheus metrics database wrapper")
def test_the_database_is_wrapped() -> None:
    assert settings.DATABASES["default"]["ENGINE"].startswith("django_prometheus.db.backends.")
    assert isinstance(connections["default"], DatabaseWrapperMixin)


@guide("Prometheus Metrics", "from django.urls import path, include", "urlpatterns = [")
@pytest.mark.parametrize("path", ["/metrics/", "/metrics"])
def test_the_metrics_are_at_the_path_of_the_guide(server: Served, path: str) -> None:
    response = server.http.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")


@guide("Prometheus Metrics", "ENABLE_PROMETHEUS=1", "PROMETHEUS_METRICS_PATH=/metrics/")
@pytest.mark.django_db(transaction=True)
async def test_both_environment_variables_have_an_effect(settings: Any) -> None:
    script = "from deltacrown.settings import *; print(ENABLE_PROMETHEUS, PROMETHEUS_METRICS_PATH)"
    variables = {"ENABLE_PROMETHEUS": "0", "PROMETHEUS_METRICS_PATH": "/inside/metrics/"}
    assert run(sys.executable, "-c", script, **variables).stdout == "False /inside/metrics/\n"
    settings.PROMETHEUS_METRICS_PATH = "/inside/metrics/"
    assert (await status("/inside/metrics/"), await status("/inside/metrics")) == (200, 200)
    assert await status("/metrics/") == 404
    settings.ENABLE_PROMETHEUS = False
    assert await status("/inside/metrics/") == 404


async def status(path: str) -> int:
    """The status of a response of an application with the current settings."""
    return (await client_of(MetricsEndpoint(OneHopHandler())).get(path)).status_code
