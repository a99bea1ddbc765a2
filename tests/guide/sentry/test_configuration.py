"""MONITORING.md, "Sentry Integration": Configuration."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stack.sentry import SentryServer
from tests.guide.claims import GUIDE, guide
from tests.guide.tools import ROOT, run_without_sentry

CHAPTER = "Sentry Integration"
DSN = "https://your-key@sentry.example/1"
PRINT = """
import json, django
django.setup()
import sentry_sdk
from deltacrown import settings
client = sentry_sdk.get_client()
options = {key: client.options.get(key) for key in (
    "dsn", "environment", "release", "traces_sample_rate", "profiles_sample_rate")}
print(json.dumps({"active": client.is_active(), **options}))
"""


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    settings = {"DJANGO_SETTINGS_MODULE": "deltacrown.settings"}
    return run_without_sentry(sys.executable, *arguments, **(settings | variables))


def configured(**variables: str) -> dict[str, Any]:
    """The SDK's options in a process with these variables."""
    done = run("-c", PRINT, **variables)
    assert done.returncode == 0, done.stderr
    options: dict[str, Any] = json.loads(done.stdout)
    return options


@guide(CHAPTER, "Sentry is already configured in")
def test_sentry_is_already_configured_in_settings() -> None:
    """The guide's variables, with the guide's values."""
    assert configured(
        SENTRY_DSN=DSN,
        SENTRY_TRACES_SAMPLE_RATE="0.1",
        SENTRY_PROFILES_SAMPLE_RATE="0.1",
        SENTRY_ENVIRONMENT="production",
        SENTRY_RELEASE="v1.2.3",
    ) == {
        "active": True,
        "dsn": DSN,
        "environment": "production",
        "release": "v1.2.3",
        "traces_sample_rate": 0.1,
        "profiles_sample_rate": 0.1,
    }


def test_without_a_sentry_dsn_nothing_is_sent() -> None:
    assert configured(SENTRY_ENVIRONMENT="production")["active"] is False


def test_each_sample_rate_has_a_variable() -> None:
    options = configured(
        SENTRY_DSN=DSN, SENTRY_TRACES_SAMPLE_RATE="0.25", SENTRY_PROFILES_SAMPLE_RATE="0.75"
    )
    assert (options["traces_sample_rate"], options["profiles_sample_rate"]) == (0.25, 0.75)


@pytest.mark.parametrize("value", ["10%", "1.5", "-0.1", "nan"])
def test_an_invalid_sample_rate_is_reported_at_the_start(value: str) -> None:
    variables = ("SENTRY_TRACES_SAMPLE_RATE", "SENTRY_PROFILES_SAMPLE_RATE")
    done = run("manage.py", "check", SENTRY_DSN=DSN, **dict.fromkeys(variables, value))
    assert done.returncode != 0
    assert all(variable in done.stderr for variable in variables)


@guide(CHAPTER, "Development: 1.0", "Staging: 0.5", "Production: 0.1")
@pytest.mark.parametrize(
    ("variables", "environment", "rate"),
    [
        ({"DEBUG": "1"}, "development", 1.0),
        ({"DEBUG": "0", "SENTRY_ENVIRONMENT": "staging"}, "staging", 0.5),
        ({"DEBUG": "0"}, "production", 0.1),
    ],
    ids=["development", "staging", "production"],
)
def test_recommended_sampling_rates(
    variables: dict[str, str], environment: str, rate: float
) -> None:
    options = configured(SENTRY_DSN=DSN, **variables)
    assert options["environment"] == environment
    assert (options["traces_sample_rate"], options["profiles_sample_rate"]) == (rate, rate)


@pytest.mark.parametrize("dsn", ["https://your-key@sentry.io/project-id", "https://sentry.io/1"])
def test_an_invalid_dsn_is_reported_but_not_shown(dsn: str) -> None:
    done = run("manage.py", "check", SENTRY_DSN=dsn)
    assert done.returncode != 0
    assert "SENTRY_DSN is not a DSN" in done.stderr
    assert dsn not in done.stderr


@guide(CHAPTER, "SENTRY_DSN=https://your-key@")
def test_the_env_file_of_the_guide_is_valid(tmp_path: Path) -> None:
    """With the comments after the values. Only the project id is changed, to a valid one."""
    guide = GUIDE.read_text()
    file = tmp_path / ".env"
    file.write_text(
        guide[guide.index("SENTRY_DSN=") :].partition("```")[0].replace("project-id", "1")
    )
    assert "#" in file.read_text()
    load = f"""
import os
from dotenv import load_dotenv
[os.environ.pop(name) for name in list(os.environ) if name.startswith("SENTRY_")]
load_dotenv({str(file)!r})
"""
    done = run("-c", load + PRINT)
    assert done.returncode == 0, done.stderr
    options = json.loads(done.stdout)
    assert (options["traces_sample_rate"], options["profiles_sample_rate"]) == (0.1, 0.1)
    assert (options["environment"], options["release"]) == ("production", "v1.2.3")
    assert options["dsn"] == "https://your-key@sentry.io/1"


def test_every_variable_of_the_guide_is_in_the_example_file() -> None:
    guide = GUIDE.read_text()
    names = set(re.findall(r"^(SENTRY_\w+)=", guide, re.MULTILINE))
    assert len(names) == 5
    example = (ROOT / ".env.example").read_text()
    assert names <= set(re.findall(r"^(SENTRY_\w+)=", example, re.MULTILINE))


@guide(CHAPTER, "Uncaught Python exceptions")
def test_uncaught_python_exceptions(sentry: SentryServer) -> None:
    """A command sends its events before it ends."""
    done = run("manage.py", "shell", "-v0", "-c", "1 / 0", SENTRY_DSN=sentry.dsn)
    assert done.returncode != 0
    [event] = sentry.events()
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert "Sentry is attempting" not in done.stderr


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("1", "http://localhost:8969/stream"),
        ("http://spotlight.example:8969/stream", "http://spotlight.example:8969/stream"),
        ("0", None),
        ("", None),
    ],
)
def test_spotlight_needs_no_dsn(value: str, url: str | None) -> None:
    script = PRINT.replace("**options", "'url': getattr(client.spotlight, 'url', None)")
    done = run("-c", script, SENTRY_SPOTLIGHT=value)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"active": url is not None, "url": url}


def test_spotlight_works_with_a_dsn() -> None:
    script = PRINT.replace("**options", "'url': client.spotlight.url, 'dsn': client.options['dsn']")
    options = json.loads(run("-c", script, SENTRY_SPOTLIGHT="1", SENTRY_DSN=DSN).stdout)
    assert options == {"active": True, "url": "http://localhost:8969/stream", "dsn": DSN}
