"""MONITORING.md, "Sentry Integration": Configuration."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.guide.claims import guide
from tests.sentry_capture import SentryServer

CHAPTER = "Sentry Integration"
ROOT = Path(__file__).parents[3]
DSN = "https://your-key@sentry.example/1"
TELL = """
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
    cleared = {name: "" for name in os.environ if name.startswith("SENTRY_")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **cleared, "DJANGO_SETTINGS_MODULE": "deltacrown.settings", **variables},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def configured(**variables: str) -> dict[str, Any]:
    """What the SDK was given by a process that was given these variables."""
    done = run("-c", TELL, **variables)
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
def test_an_invalid_sample_rate_is_named_at_the_start(value: str) -> None:
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
def test_a_dsn_that_is_none_is_named_at_the_start_and_not_shown(dsn: str) -> None:
    done = run("manage.py", "check", SENTRY_DSN=dsn)
    assert done.returncode != 0
    assert "SENTRY_DSN is not a DSN" in done.stderr
    assert dsn not in done.stderr


@guide(CHAPTER, "SENTRY_DSN=https://your-key@")
def test_the_guides_env_file_works_as_it_stands(tmp_path: Path) -> None:
    """Comments behind the values included; only the project's id is a number in a real DSN."""
    guide = (ROOT / "docs" / "MONITORING.md").read_text()
    file = tmp_path / ".env"
    file.write_text(
        guide[guide.index("SENTRY_DSN=") :].partition("```")[0].replace("project-id", "1")
    )
    assert "#" in file.read_text()
    read = f"""
import os
from dotenv import load_dotenv
[os.environ.pop(name) for name in list(os.environ) if name.startswith("SENTRY_")]
load_dotenv({str(file)!r})
"""
    done = run("-c", read + TELL)
    assert done.returncode == 0, done.stderr
    options = json.loads(done.stdout)
    assert (options["traces_sample_rate"], options["profiles_sample_rate"]) == (0.1, 0.1)
    assert (options["environment"], options["release"]) == ("production", "v1.2.3")
    assert options["dsn"] == "https://your-key@sentry.io/1"


def test_every_variable_of_the_guide_is_in_the_example_file() -> None:
    guide = (ROOT / "docs" / "MONITORING.md").read_text()
    named = set(re.findall(r"^(SENTRY_\w+)=", guide, re.MULTILINE))
    assert len(named) == 5
    example = (ROOT / ".env.example").read_text()
    assert named <= set(re.findall(r"^(SENTRY_\w+)=", example, re.MULTILINE))


@guide(CHAPTER, "Uncaught Python exceptions")
def test_uncaught_python_exceptions() -> None:
    """Of any process: here a command. It sends its events before it ends."""
    server = SentryServer()
    try:
        done = run("manage.py", "shell", "-v0", "-c", "1 / 0", SENTRY_DSN=server.dsn)
    finally:
        server.close()
    assert done.returncode != 0
    [event] = server.events()
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
def test_spotlight_is_told_without_a_dsn(value: str, url: str | None) -> None:
    tell = TELL.replace("**options", "'url': getattr(client.spotlight, 'url', None)")
    done = run("-c", tell, SENTRY_SPOTLIGHT=value)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"active": url is not None, "url": url}


def test_spotlight_is_told_besides_a_dsn() -> None:
    tell = TELL.replace("**options", "'url': client.spotlight.url, 'dsn': client.options['dsn']")
    options = json.loads(run("-c", tell, SENTRY_SPOTLIGHT="1", SENTRY_DSN=DSN).stdout)
    assert options == {"active": True, "url": "http://localhost:8969/stream", "dsn": DSN}
