"""What MONITORING.md has wrong is so of the libraries as they come: see docs/guide.md.

Should one of these fail after an upgrade, a library has changed its mind, and a row of that table
may go, and perhaps some code of ours.
"""

import importlib
import json
import logging
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import celery
import pytest
import redis
import yaml
from channels.exceptions import ChannelFull
from channels.security.websocket import AllowedHostsOriginValidator
from channels_redis.core import RedisChannelLayer
from daphne.cli import CommandLineInterface
from pythonjsonlogger.json import JsonFormatter

from demo.guide.snippets import snippets

ROOT = Path(__file__).parents[2]
GUIDES_RATE = 'rate(django_http_requests_total_by_method{status=~"5.."}[5m]) > 0.33'
PREFIX = "django_http_requests"


@pytest.fixture(scope="module")
def stock() -> Any:
    """What `stock.py` saw."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.guide.stock"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=180,
    )  # fmt: skip
    return json.loads(done.stdout)


class Page:
    """django-prometheus' own metrics page."""

    def __init__(self, series: list[dict[str, Any]]) -> None:
        self.series = series
        self.names = {one["name"] for one in series}

    def labels(self, name: str) -> set[str]:
        return {label for one in self.series if one["name"] == name for label in one["labels"]}

    def value(self, name: str, **labels: str) -> float:
        [found] = [one for one in self.series if one["name"] == name and one["labels"] == labels]
        return float(found["value"])


@pytest.fixture(scope="module")
def page(stock: Any) -> Page:
    return Page(stock["metrics"]["series"])


class TestDjangoPrometheus:
    def test_include_below_metrics_serves_metrics_metrics(self, stock: Any) -> None:
        assert stock["metrics"]["statuses"] == {"/metrics/": 404, "/metrics/metrics": 200}

    def test_enable_prometheus_and_the_path_are_read_by_nothing(self, stock: Any) -> None:
        """`stock` has ENABLE_PROMETHEUS=0 and another PROMETHEUS_METRICS_PATH."""
        assert stock["metrics"]["statuses"]["/metrics/metrics"] == 200

    @pytest.mark.parametrize(
        "name",
        [
            "django_http_requests_total_by_method",
            "django_http_requests_total_by_view_transport_method",
            "django_http_requests_latency_seconds_bucket",
            "django_db_query_total",
        ],
    )
    def test_the_guides_name_is_not_on_its_page(self, page: Page, name: str) -> None:
        assert name not in page.names

    def test_the_counter_by_method_ends_in_total_and_knows_no_status(self, page: Page) -> None:
        assert page.labels(f"{PREFIX}_total_by_method_total") == {"method"}

    def test_the_latency_is_by_view_and_method_and_observes_a_failure_twice(
        self, page: Page
    ) -> None:
        name = f"{PREFIX}_latency_seconds_by_view_method_count"
        assert page.labels(name) == {"view", "method"}
        assert page.value(name, view="__main__.fails", method="GET") == 2 * 3
        assert page.value(name, view="__main__.fine", method="GET") == 3

    def test_a_method_that_a_client_invents_becomes_a_series(self, page: Page) -> None:
        name = f"{PREFIX}_latency_seconds_by_view_method_count"
        assert page.value(name, view="__main__.fine", method="INVENTED") == 1

    def test_the_body_size_is_a_histogram(self, page: Page) -> None:
        assert f"{PREFIX}_body_total_bytes" not in page.names
        assert f"{PREFIX}_body_total_bytes_bucket" in page.names

    def test_a_length_that_is_no_number_is_a_500(self, stock: Any) -> None:
        assert stock["metrics"]["length"] == 500

    def test_the_page_is_text_whatever_is_asked_for(self, stock: Any) -> None:
        assert stock["metrics"]["content_type"].startswith("text/plain")

    def test_migrations_are_not_told(self, page: Page) -> None:
        assert not [name for name in page.names if name.startswith("django_migrations")]

    def test_its_page_counts_its_own_scrapes(self, page: Page) -> None:
        name = f"{PREFIX}_total_by_view_transport_method_total"
        about = {"transport": "http", "method": "GET"}
        assert page.value(name, view="prometheus-django-metrics", **about) == 1

    def test_its_redis_cache_needs_django_redis(self) -> None:
        with pytest.raises(ModuleNotFoundError, match="django_redis"):
            importlib.import_module("django_prometheus.cache.backends.redis")


class TestPrometheusClient:
    def test_a_labelled_counter_has_no_series_before_its_first_use(self, page: Page) -> None:
        assert "plain_total" in page.names
        assert "labelled_total" not in page.names

    def test_a_counter_has_a_second_series_for_when_it_was_made(self, page: Page) -> None:
        assert "plain_created" in page.names


class TestTheGuidesConsumer:
    def test_as_written_no_handshake_succeeds(self, stock: Any) -> None:
        assert stock["sockets"]["as_written"].endswith("has no attribute 'tournament_id'")

    def test_text_that_is_not_json_a_list_and_a_binary_frame_stay_in_its_gauge_for_ever(
        self, stock: Any
    ) -> None:
        assert stock["sockets"]["active"] == [1, 2, 3]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
class TestAlerts:
    """Ten errors a second for twenty minutes, as promtool sees them."""

    def test_the_guides_error_rate_is_silent_on_the_librarys_series(self, tmp_path: Path) -> None:
        series = ['django_http_responses_total_by_status_total{status="500"}',
                  'django_http_requests_total_by_method_total{method="GET"}']  # fmt: skip
        assert fires(tmp_path, GUIDES_RATE, series) is False

    def test_and_fires_on_ours(self, tmp_path: Path) -> None:
        ours = 'django_http_requests_total_by_method{method="GET",status="500"}'
        assert fires(tmp_path, GUIDES_RATE, [ours]) is True

    def test_the_guides_error_rate_misses_what_is_spread_over_processes(
        self, tmp_path: Path
    ) -> None:
        series = [
            f'django_http_requests_total_by_method{{method="GET",status="500",instance="{name}"}}'
            for name in "abcd"
        ]
        assert fires(tmp_path, GUIDES_RATE, series, each=3) is False
        assert fires(tmp_path, f"sum({GUIDES_RATE.replace(' >', ') >')}", series, each=3) is True

    def test_the_guides_payment_metric_fires_for_ever_after_one_failure(
        self, tmp_path: Path
    ) -> None:
        """A selector that has a series is an alert that fires."""
        failed = 'payments_processed_total{status="FAILED"}'
        assert fires(tmp_path, failed, [failed], each=0, first=1) is True


def fires(
    folder: Path, expression: str, series: list[str], *, each: int = 150, first: int = 0
) -> bool:
    """After twenty minutes of a sample every 15 s, `each` more than the one before."""
    rule = {"alert": "It", "expr": expression}
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "it", "rules": [rule]}]}))
    silent = {"alertname": "It", "eval_time": "20m", "exp_alerts": []}
    test = {
        "interval": "15s",
        "input_series": [{"series": one, "values": f"{first}+{each}x80"} for one in series],
        "alert_rule_test": [silent],
    }
    (folder / "test.yml").write_text(yaml.safe_dump({"rule_files": ["rules.yml"], "tests": [test]}))
    done = subprocess.run(
        ["promtool", "test", "rules", folder / "test.yml"],
        capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert ("SUCCESS" in said) != ("got:" in said), said
    return done.returncode != 0


@pytest.mark.redis
class TestTheChannelLayer:
    @pytest.fixture
    async def layer(self, settings: Any) -> Any:
        layer = RedisChannelLayer(hosts=[settings.REDIS_URL], prefix="facts")
        yield layer
        await layer.flush()

    async def test_its_queue_is_no_list_so_llen_is_a_wrong_type(self, layer: Any) -> None:
        await layer.send(await layer.new_channel(), {"type": "live"})
        key = f"factsspecific.{layer.client_prefix}!"
        connection = layer.connection(0)
        assert await connection.zcard(key) == 1
        with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
            await connection.llen(key)

    async def test_ten_thousand_cannot_wait_as_a_hundred_are_the_most(self, layer: Any) -> None:
        channel = await layer.new_channel()
        for _ in range(100):
            await layer.send(channel, {"type": "live"})
        with pytest.raises(ChannelFull):
            await layer.send(channel, {"type": "live"})


class TestSentry:
    def test_a_404_and_a_consumers_exception_are_no_events_and_a_500_is(self, stock: Any) -> None:
        assert stock["sentry"]["events"] == {"404": 0, "500": 1, "consumer": 0}

    def test_the_sdk_does_not_read_the_guides_sample_rate(self, stock: Any) -> None:
        """`stock` has SENTRY_TRACES_SAMPLE_RATE=0.5."""
        assert stock["sentry"]["traces_sample_rate"] is None

    def test_without_an_environment_everything_is_production(self, stock: Any) -> None:
        assert stock["sentry"]["environment"] == "production"


class TestLogging:
    def test_the_guides_formatter_is_where_python_json_logger_moved_away_from(self) -> None:
        with pytest.warns(DeprecationWarning, match="has been moved to pythonjsonlogger.json"):
            importlib.reload(_quietly("pythonjsonlogger.jsonlogger"))

    def test_without_its_folder_the_guides_file_stops_the_start(self, tmp_path: Path) -> None:
        [code] = [one.text for one in snippets() if "RotatingFileHandler" in one.text]
        script = f"import logging.config\n{code}\nlogging.config.dictConfig(LOGGING)"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip
        assert done.returncode == 1
        assert "ValueError: Unable to configure handler 'file'" in done.stderr

    def test_the_guides_time_has_no_zone(self) -> None:
        told = json.loads(_formatted(exc_info=None))
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}", told["asctime"])

    def test_exc_info_where_nothing_was_raised_tells_none_type(self) -> None:
        assert json.loads(_formatted(exc_info=(None, None, None)))["exc_info"] == "NoneType: None"


def _quietly(module: str) -> Any:
    with warnings.catch_warnings(action="ignore"):
        return importlib.import_module(module)


def _formatted(**fields: Any) -> str:
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed", (), **fields)
    return JsonFormatter("%(asctime)s %(name)s %(levelname)s %(message)s").format(record)


def test_celery_takes_the_root_logger_and_sends_no_events_by_default() -> None:
    conf = celery.Celery("of nobody", set_as_current=False).conf
    assert conf.worker_hijack_root_logger is True
    assert (conf.worker_send_task_events, conf.task_send_sent_event) == (False, False)


def test_daphne_gives_a_handshake_five_seconds_and_a_socket_a_day() -> None:
    usual = CommandLineInterface().parser.parse_args(["deltacrown.asgi:application"])
    assert (usual.websocket_connect_timeout, usual.websocket_timeout) == (5, 86400)


@pytest.mark.parametrize(
    ("allowed", "origin"),
    [("ours.example", b"ftp://ours.example:1"), ("*", b"https://evil.example")],
)
def test_channels_looks_at_an_origins_host_only_and_at_nothing_with_a_star(
    settings: Any, allowed: str, origin: bytes
) -> None:
    settings.ALLOWED_HOSTS = [allowed]
    validator = AllowedHostsOriginValidator(None)
    assert validator.valid_origin(urlparse(origin.decode()))
