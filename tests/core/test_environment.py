"""What is wrong with the environment is told at once, and without a secret."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from deltacrown.environment import Environment
from tests.api.served import ROOT

SECRET = "hunter2-hunter2"


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DEBUG": "0", **variables}
    return subprocess.run(
        [sys.executable, "-c", "import deltacrown.settings"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_everything_that_is_wrong_is_in_one_message_and_no_value_is() -> None:
    wrong = {
        "SECRET_KEY": SECRET,
        "ALLOWED_HOSTS": "*",
        "DB_HOST": "db",
        "DB_PORT": f"{SECRET}-port",
        "REDIS_URL": f"http://:{SECRET}@redis:6379",
        "SENTRY_DSN": SECRET,
        "SENTRY_TRACES_SAMPLE_RATE": "1.5",
        "LOG_LEVEL": "LOUD",
        "LOG_FORMAT": "xml",
        "ENABLE_PROMETHEUS": "perhaps",
        "PROMETHEUS_METRICS_PATH": "metrics",
        "WEB_THREADS": "0",
        "METRICS_MAX_TOURNAMENTS": "-1",
    }
    stopped = start(**wrong)
    assert stopped.returncode != 0
    last = stopped.stderr.strip().splitlines()[-1]
    assert all(name in last for name in wrong.keys() - {"DB_HOST"})
    assert SECRET not in stopped.stderr


def test_there_is_no_start_without_a_key() -> None:
    stopped = start()
    assert stopped.returncode != 0
    assert "SECRET_KEY is missing" in stopped.stderr


def test_development_needs_nothing() -> None:
    assert start(DEBUG="1").returncode == 0


def test_a_key_is_all_that_production_needs() -> None:
    assert start(SECRET_KEY="k" * 32).returncode == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("true", True), ("ON", True), ("0", False), ("no", False), ("", True)],
)
def test_a_flag_is_read(text: str, value: bool) -> None:
    env = Environment({"FLAG": text})
    assert env.flag("FLAG", default=True) is value
    env.check()


@pytest.mark.parametrize("text", ["nan", "inf", "-0.1", "1.01", "half", "0,5"])
def test_a_fraction_is_between_0_and_1(text: str) -> None:
    env = Environment({"RATE": text})
    assert env.fraction("RATE", default=0.1)
    with pytest.raises(ImproperlyConfigured, match="RATE"):
        env.check()


@pytest.mark.parametrize("text", ["redis", "redis://", "http://redis", "redis://h:99999", "//h"])
def test_a_url_has_the_right_scheme_and_a_host(text: str) -> None:
    env = Environment({"URL": text})
    assert env.url("URL", "redis", "rediss") == ""
    with pytest.raises(ImproperlyConfigured, match="URL is no redis or rediss URL"):
        env.check()


def test_blanks_around_a_value_do_not_matter() -> None:
    env = Environment({"HOSTS": " a.example , b.example,, ", "PORT": " 5432 "})
    assert env.words("HOSTS") == ["a.example", "b.example"]
    assert env.number("PORT", default=1) == 5432
    env.check()
