"""The environment is checked when a process starts: all problems are reported, and no values."""

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.core.logging.setup import Misconfigured
from apps.payments.gateways import PROVIDERS
from deltacrown.environment import load
from stack.processes import ROOT

SECRET = "hunter2-hunter2"
Loaded = Callable[..., Any]
Problems = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DEBUG", "1")


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Loaded:
    def loaded_with(**variables: str) -> Any:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load(tmp_path, PROVIDERS.values())

    return loaded_with


@pytest.fixture
def problems(loaded: Loaded) -> Problems:
    def problems_with(**variables: str) -> list[str]:
        with pytest.raises(Misconfigured) as error:
            loaded(**variables)
        assert SECRET not in str(error.value)
        return error.value.problems

    return problems_with


def test_all_problems_are_in_one_message_and_no_value_is(problems: Problems) -> None:
    wrong = {
        "DEBUG": "0",
        "SECRET_KEY": SECRET,
        "AUDIT_KEY": SECRET,
        "ALLOWED_HOSTS": "*",
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
        "RATE_LIMIT_SYNC": "often",
        "PUBLIC_URL": "https://crown.example/arena",
    }
    found = problems(**wrong)
    assert {problem.partition(" ")[0] for problem in found} == wrong.keys() - {"DEBUG"}


def test_production_needs_a_key_and_nothing_else(problems: Problems, loaded: Loaded) -> None:
    assert problems(DEBUG="0") == ["SECRET_KEY is missing"]
    assert loaded(DEBUG="0", SECRET_KEY="k" * 32).SECRET_KEY == "k" * 32


def test_a_file_may_have_the_value(loaded: Loaded, problems: Problems, tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert problems(DEBUG="0", SECRET_KEY_FILE=str(file)) == [
        "SECRET_KEY_FILE cannot be read: FileNotFoundError"
    ]
    file.write_text("f" * 32 + "\n")
    assert loaded().SECRET_KEY == "f" * 32
    assert loaded(SECRET_KEY="k" * 32).SECRET_KEY == "k" * 32


class TestReports:
    """Two problems: the key is missing, and LOG_LEVEL is not a level."""

    TEXT = (
        "The environment cannot be used:\n"
        "  LOG_LEVEL has no level of DEBUG, INFO, WARNING, ERROR, CRITICAL in entry 1\n"
        "  SECRET_KEY is missing\n"
    )

    def ended(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        environment = {"PATH": path, "VENV": "none", "LOG_LEVEL": "LOUD", **variables}
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30,
            check=False,
        )  # fmt: skip
        assert ended.returncode == 2
        return ended

    @pytest.mark.parametrize("command", ["python manage.py check", "bin/web"])
    def test_each_problem_is_one_line_of_readable_logs(self, command: str) -> None:
        ended = self.ended(*command.split(), LOG_FORMAT="console")
        assert (ended.stdout, ended.stderr) == ("", self.TEXT)

    @pytest.mark.skipif(shutil.which("script") is None, reason="script is not installed")
    def test_a_server_prints_them_to_a_terminal(self) -> None:
        ended = self.ended("script", "--quiet", "--return", "--command", "bin/web", "/dev/null")
        assert ended.stdout.replace("\r", "") == self.TEXT


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("true", True), ("ON", True), ("0", False), ("no", False), ("", True)],
)
def test_a_flag_is_read(text: str, value: bool, loaded: Loaded) -> None:
    assert loaded(ENABLE_PROMETHEUS=text).ENABLE_PROMETHEUS is value


@pytest.mark.parametrize("text", ["nan", "inf", "-0.1", "1.01", "half", "0,5"])
def test_a_sample_rate_is_between_0_and_1(text: str, problems: Problems) -> None:
    [problem] = problems(SENTRY_TRACES_SAMPLE_RATE=text)
    assert problem.startswith("SENTRY_TRACES_SAMPLE_RATE ")


@pytest.mark.parametrize("text", ["redis", "redis://", "http://redis", "redis://h:99999", "//h"])
def test_a_url_has_the_right_scheme_and_a_host(text: str, problems: Problems) -> None:
    expected = ["REDIS_URL is not a redis or rediss URL"]
    assert problems(REDIS_URL=text) == expected


def test_whitespace_around_values_is_ignored(loaded: Loaded) -> None:
    hosts, port = " a.example , b.example,, ", " 5433 "
    env = loaded(ALLOWED_HOSTS=hosts, DB_PORT=port, METRICS_TOKEN=" x ")
    assert (env.ALLOWED_HOSTS, env.DB_PORT) == (["a.example", "b.example"], 5433)
    assert env.METRICS_TOKEN == "x"
    blank = {"DB_POOL_SIZE": " ", "DB_PORT": " ", "STRIPE_SECRET_KEY": " "}
    env = loaded(**blank, LOG_FORMAT="json ")
    assert (env.DB_POOL_SIZE, env.DB_PORT, env.LOG_FORMAT) == (None, 5432, "json")


def test_the_env_file_has_comments_and_does_not_override_variables(
    tmp_path: Path, loaded: Loaded
) -> None:
    (tmp_path / ".env").write_text("DB_NAME=shop  # a comment\nDB_USER=file\nDB_HOST=\n")
    env = loaded(DB_USER="variable")
    assert (env.DB_NAME, env.DB_USER, env.DB_HOST) == ("shop", "variable", "")


def test_the_env_file_is_not_interpolated(tmp_path: Path, loaded: Loaded) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=a$HOME\nMETRICS_TOKEN='${DEBUG}'\n")
    env = loaded()
    assert (env.SECRET_KEY, env.METRICS_TOKEN) == ("a$HOME", "${DEBUG}")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (f'DB_NAME=shop\nDB_PASSWORD="{SECRET}\nSENTRY_DSN=\n'.encode(), "line 2"),
        (f"DB_PASSWORD={SECRET}\xe9".encode("latin1"), "UnicodeDecodeError"),
    ],
)
def test_an_env_file_that_cannot_be_read_is_refused(
    tmp_path: Path, content: bytes, problem: str, problems: Problems
) -> None:
    (tmp_path / ".env").write_bytes(content)
    assert problems() == [problem]
    assert "DB_NAME" not in os.environ


def test_a_provider_cannot_redefine_a_variable() -> None:
    provider = dataclasses.replace(PROVIDERS["STRIPE"], credentials=("SECRET_KEY",))
    with pytest.raises(ValueError, match="SECRET_KEY"):
        load(Path(), [provider])


def test_the_credentials_of_a_provider_are_set_together(
    monkeypatch: pytest.MonkeyPatch, problems: Problems, loaded: Loaded
) -> None:
    some = {"STRIPE_SECRET_KEY": SECRET, "PAYPAL_CLIENT_ID": "id", "PAYPAL_WEBHOOK_ID": "WH-1"}
    assert problems(**some) == [
        "PAYPAL_CLIENT_ID needs PUBLIC_URL, to which payers return",
        "PAYPAL_CLIENT_SECRET is missing beside PAYPAL_CLIENT_ID",
        "STRIPE_SECRET_KEY needs PUBLIC_URL, to which payers return",
        "STRIPE_WEBHOOK_SECRET is missing beside STRIPE_SECRET_KEY",
    ]
    others = {"STRIPE_WEBHOOK_SECRET": "x", "PAYPAL_CLIENT_SECRET": "x"}
    env = loaded(**others, PUBLIC_URL="https://crown.example")
    assert env.PAYPAL_API_BASE == "https://api-m.paypal.com"
    monkeypatch.delenv("STRIPE_SECRET_KEY")
    expected = ["STRIPE_WEBHOOK_SECRET needs STRIPE_SECRET_KEY beside it"]
    assert problems() == expected


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("", ""),
        ("https://crown.example/", "https://crown.example"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_an_origin_is_read_without_its_last_slash(value: str, origin: str, loaded: Loaded) -> None:
    assert origin == loaded(PUBLIC_URL=value).PUBLIC_URL


@pytest.mark.parametrize("rest", ["/arena", "//", "?x=1", "/#top"])
def test_an_origin_has_nothing_after_the_port(rest: str, problems: Problems) -> None:
    [problem] = problems(PUBLIC_URL=f"https://crown.example{rest}")
    assert problem == "PUBLIC_URL has more than scheme, host and port"
