"""The behavior of unmodified libraries where MONITORING.md is wrong: see docs/guide.md.

If a test fails after an upgrade, the library has changed. Then a row of that table is outdated, and
perhaps a workaround too.
"""

import importlib
import json
import logging
import re
import shutil
import sys
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
from tests.programs import run

ERROR_RATE = 'rate(django_http_requests_total_by_method{status=~"5.."}[5m]) > 0.33'
BY_VIEW = "django_http_requests_total_by_view_transport_method_total"


@pytest.fixture(scope="module")
def stock() -> Any:
    """The observations of `stock.py`."""
    return json.loads(run(sys.executable, "-m", "tests.guide.stock").stdout)


@pytest.fixture(scope="module")
def samples(stock: Any) -> dict[str, float]:
    """The values on the metrics page of django-prometheus, by name and labels."""
    page = str(stock["metrics"]["page"]).splitlines()
    rows = [line.rsplit(" ", 1) for line in page if not line.startswith("#")]
    return {sample: float(value) for sample, value in rows}


@pytest.fixture(scope="module")
def names(samples: dict[str, float]) -> set[str]:
    return {sample.partition("{")[0] for sample in samples}


class TestDjangoPrometheus:
    def test_its_urls_below_metrics_serve_metrics_metrics_with_any_setting(
        self, stock: Any
    ) -> None:
        """`stock` has ENABLE_PROMETHEUS=0 and another PROMETHEUS_METRICS_PATH."""
        assert stock["metrics"]["statuses"] == {"/metrics/": 404, "/metrics/metrics": 200}

    def test_its_page_lacks_names_of_the_guide(self, names: set[str]) -> None:
        assert not names & {
            "django_http_requests_total_by_method",
            "django_http_requests_total_by_view_transport_method",
            "django_http_requests_latency_seconds_bucket",
            "django_http_requests_body_total_bytes",
            "django_db_query_total",
        }
        assert "django_http_requests_body_total_bytes_bucket" in names

    def test_the_counter_by_method_ends_in_total_and_has_no_status(
        self, samples: dict[str, float]
    ) -> None:
        assert 'django_http_requests_total_by_method_total{method="GET"}' in samples

    def test_the_latency_has_view_and_method_and_counts_a_failure_twice(
        self, samples: dict[str, float]
    ) -> None:
        """Three requests to each view, and an invented method, which becomes a series."""
        name = "django_http_requests_latency_seconds_by_view_method_count"
        assert samples[f'{name}{{method="GET",view="__main__.fails"}}'] == 2 * 3
        assert samples[f'{name}{{method="GET",view="__main__.fine"}}'] == 3
        assert samples[f'{name}{{method="INVENTED",view="__main__.fine"}}'] == 1

    def test_a_content_length_that_is_not_a_number_causes_a_500(self, stock: Any) -> None:
        assert stock["metrics"]["length"] == 500

    def test_the_page_ignores_the_accept_header(self, stock: Any) -> None:
        assert stock["metrics"]["content_type"].startswith("text/plain")

    def test_migrations_are_not_exported(self, names: set[str]) -> None:
        assert not [name for name in names if name.startswith("django_migrations")]

    def test_its_page_counts_its_own_scrapes(self, samples: dict[str, float]) -> None:
        labels = 'method="GET",transport="http",view="prometheus-django-metrics"'
        assert samples[f"{BY_VIEW}{{{labels}}}"] == 1

    def test_its_redis_cache_needs_django_redis(self) -> None:
        with pytest.raises(ModuleNotFoundError, match="django_redis"):
            importlib.import_module("django_prometheus.cache.backends.redis")


def test_a_counter_has_a_creation_time_but_with_labels_no_series_before_its_first_use(
    names: set[str],
) -> None:
    assert names >= {"plain_total", "plain_created"}
    assert not names & {"labelled_total", "labelled_created"}


class TestConsumerOfTheGuide:
    def test_every_handshake_fails(self, stock: Any) -> None:
        assert stock["sockets"]["error_as_written"].endswith("has no attribute 'tournament_id'")

    def test_sockets_that_send_an_invalid_message_remain_in_the_gauge(self, stock: Any) -> None:
        """Text that is not JSON, a list, and a binary frame."""
        assert stock["sockets"]["active"] == [1, 2, 3]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
class TestAlerts:
    """Evaluated by promtool with ten errors a second for twenty minutes."""

    def test_the_error_rate_fires_only_with_the_derived_series(self, tmp_path: Path) -> None:
        series = ['django_http_responses_total_by_status_total{status="500"}',
                  'django_http_requests_total_by_method_total{method="GET"}']  # fmt: skip
        assert fires(tmp_path, ERROR_RATE, series) is False
        derived = 'django_http_requests_total_by_method{method="GET",status="500"}'
        assert fires(tmp_path, ERROR_RATE, [derived]) is True

    def test_the_error_rate_is_silent_if_errors_are_spread_over_processes(
        self, tmp_path: Path
    ) -> None:
        series = [
            f'django_http_requests_total_by_method{{method="GET",status="500",instance="{name}"}}'
            for name in "abcd"
        ]
        assert fires(tmp_path, ERROR_RATE, series, each=3) is False
        assert fires(tmp_path, f"sum({ERROR_RATE.replace(' >', ') >')}", series, each=3) is True

    def test_the_payment_metric_fires_permanently_after_one_failure(self, tmp_path: Path) -> None:
        """A selector alone is true as long as it has a series."""
        failed = 'payments_processed_total{status="FAILED"}'
        assert fires(tmp_path, failed, [failed], each=0, first=1) is True


def fires(
    folder: Path, expression: str, series: list[str], *, each: int = 150, first: int = 0
) -> bool:
    """Whether the alert fires after 20 minutes of samples that increase by `each` every 15 s."""
    rule = {"alert": "Test", "expr": expression}
    groups = [{"name": "test", "rules": [rule]}]
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": groups}))
    silent = {"alertname": "Test", "eval_time": "20m", "exp_alerts": []}
    test = {
        "interval": "15s",
        "input_series": [{"series": name, "values": f"{first}+{each}x80"} for name in series],
        "alert_rule_test": [silent],
    }
    (folder / "test.yml").write_text(yaml.safe_dump({"rule_files": ["rules.yml"], "tests": [test]}))
    done = run("promtool", "test", "rules", folder / "test.yml")
    output = done.stdout + done.stderr
    assert ("SUCCESS" in output) != ("got:" in output), output
    return done.returncode != 0


@pytest.mark.redis
class TestChannelLayer:
    @pytest.fixture
    async def layer(self, settings: Any) -> Any:
        layer = RedisChannelLayer(hosts=[settings.REDIS_URL], prefix="facts")
        yield layer
        await layer.flush()

    async def test_llen_fails_because_its_queue_is_a_sorted_set(self, layer: Any) -> None:
        await layer.send(await layer.new_channel(), {"type": "live"})
        key = f"factsspecific.{layer.client_prefix}!"
        connection = layer.connection(0)
        assert await connection.zcard(key) == 1
        with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
            await connection.llen(key)

    async def test_its_queue_is_full_at_100_messages(self, layer: Any) -> None:
        channel = await layer.new_channel()
        for _ in range(100):
            await layer.send(channel, {"type": "live"})
        with pytest.raises(ChannelFull):
            await layer.send(channel, {"type": "live"})


class TestSentry:
    def test_only_a_500_is_an_event_not_a_404_or_a_consumers_exception(self, stock: Any) -> None:
        assert stock["sentry"]["events"] == {"404": 0, "500": 1, "consumer": 0}

    def test_the_sdk_does_not_read_the_sample_rate_variable(self, stock: Any) -> None:
        """`stock` has SENTRY_TRACES_SAMPLE_RATE=0.5."""
        assert stock["sentry"]["traces_sample_rate"] is None

    def test_the_default_environment_is_production(self, stock: Any) -> None:
        assert stock["sentry"]["environment"] == "production"


class TestLogging:
    def test_the_formatter_path_of_the_guide_is_deprecated(self) -> None:
        sys.modules.pop("pythonjsonlogger.jsonlogger", None)
        with pytest.warns(DeprecationWarning, match="has been moved to pythonjsonlogger.json"):
            importlib.import_module("pythonjsonlogger.jsonlogger")

    def test_the_configuration_fails_without_the_folder_of_the_log_file(
        self, tmp_path: Path
    ) -> None:
        [code] = [item.text for item in snippets() if "RotatingFileHandler" in item.text]
        script = f"import logging.config\n{code}\nlogging.config.dictConfig(LOGGING)"
        done = run(sys.executable, "-c", script, cwd=tmp_path)
        assert done.returncode == 1
        assert "ValueError: Unable to configure handler 'file'" in done.stderr

    def test_the_time_has_no_timezone(self) -> None:
        time = json.loads(_formatted(exc_info=None))["asctime"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}", time)

    def test_exc_info_without_an_exception_is_none_type(self) -> None:
        assert json.loads(_formatted(exc_info=(None, None, None)))["exc_info"] == "NoneType: None"


def _formatted(**fields: Any) -> str:
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed", (), **fields)
    return JsonFormatter("%(asctime)s %(name)s %(levelname)s %(message)s").format(record)


def test_celery_takes_the_root_logger_and_sends_no_events_by_default() -> None:
    conf = celery.Celery("default", set_as_current=False).conf
    assert conf.worker_hijack_root_logger is True
    assert (conf.worker_send_task_events, conf.task_send_sent_event) == (False, False)


def test_daphne_times_out_after_5_seconds_for_a_handshake_and_a_day_for_a_socket() -> None:
    defaults = CommandLineInterface().parser.parse_args(["deltacrown.asgi:application"])
    assert (defaults.websocket_connect_timeout, defaults.websocket_timeout) == (5, 86400)


@pytest.mark.parametrize(
    ("allowed", "origin"), [("own.example", "ftp://own.example:1"), ("*", "https://evil.example")]
)
def test_channels_validates_only_the_host_of_an_origin_and_accepts_all_with_a_star(
    settings: Any, allowed: str, origin: str
) -> None:
    settings.ALLOWED_HOSTS = [allowed]
    assert AllowedHostsOriginValidator(None).valid_origin(urlparse(origin))
