"""What is wrong with the environment is told at once, and without a secret."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from deltacrown.environment import Environment
from tests.api.served import ROOT

SECRET = "hunter2-hunter2"


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DEBUG": "0", **variables}
    return subprocess.run(
        [sys.executable, "-c", "import deltacrown.settings"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False,
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


class TestWhoIsTold:
    """Two faults: the key is missing, and LOG_LEVEL is none."""

    IN_WORDS = (
        "The environment is not usable:\n"
        "  LOG_LEVEL has no level of DEBUG, INFO, WARNING, ERROR, CRITICAL in entry 1\n"
        "  SECRET_KEY is missing\n"
    )

    def ended(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {"PATH": path, "VENV": "none", "LOG_LEVEL": "LOUD", **variables}
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180,
            check=False,
        )  # fmt: skip
        assert ended.returncode == 2
        return ended

    def test_who_types_a_command_reads_a_line_for_each_fault(self) -> None:
        ended = self.ended("python", "manage.py", "check")
        assert (ended.stdout, ended.stderr) == ("", self.IN_WORDS)

    def test_so_does_who_asked_for_lines_for_people(self) -> None:
        ended = self.ended("bin/web", LOG_FORMAT="console")
        assert (ended.stdout, ended.stderr) == ("", self.IN_WORDS)

    @pytest.mark.skipif(shutil.which("script") is None, reason="script is not installed")
    def test_so_does_who_starts_a_server_at_a_terminal(self) -> None:
        ended = self.ended("script", "--quiet", "--return", "--command", "bin/web", "/dev/null")
        assert ended.stdout.replace("\r", "") == self.IN_WORDS

    def test_a_server_writes_one_line_of_json_without_a_traceback(self) -> None:
        line = json.loads(self.ended("bin/web").stdout)
        assert line["level"] == "CRITICAL"
        assert "LOG_LEVEL has" in line["message"]
        assert "SECRET_KEY is missing" in line["message"]
        assert "exc_info" not in line


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


def test_some_of_a_providers_keys_are_no_keys() -> None:
    stopped = start(
        DEBUG="1", STRIPE_SECRET_KEY=SECRET, PAYPAL_CLIENT_ID="id", PAYPAL_WEBHOOK_ID="WH-1"
    )
    assert stopped.returncode != 0
    for name in ("STRIPE_WEBHOOK_SECRET", "PAYPAL_CLIENT_SECRET"):
        assert f"{name} is missing beside" in stopped.stderr
    assert SECRET not in stopped.stderr
    keys = {"STRIPE_SECRET_KEY": SECRET, "STRIPE_WEBHOOK_SECRET": "x"}
    assert "PUBLIC_URL is missing beside STRIPE_SECRET_KEY" in start(DEBUG="1", **keys).stderr
    assert start(DEBUG="1", PUBLIC_URL="https://crown.example", **keys).returncode == 0


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("", ""),
        ("https://crown.example", "https://crown.example"),
        ("https://crown.example/", "https://crown.example"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("https://crown.example/arena", None),
        ("https://crown.example//", None),
        ("https://crown.example?x=1", None),
        ("https://crown.example/#top", None),
        ("ftp://crown.example", None),
        ("crown.example", None),
    ],
)
def test_an_origin_is_a_site_and_nothing_in_it(value: str, origin: str | None) -> None:
    env = Environment({"PUBLIC_URL": value})
    found = env.origin("PUBLIC_URL")
    if origin is None:
        with pytest.raises(ImproperlyConfigured, match="PUBLIC_URL"):
            env.check()
    else:
        env.check()
        assert found == origin
