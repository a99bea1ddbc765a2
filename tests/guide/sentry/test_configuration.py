"""MONITORING.md, "Sentry Integration": Configuration."""

import json
import re
import sys
from typing import Any

import pytest
import sentry_sdk

from deltacrown.variable_types import dsn
from stack.sentry import SentryServer
from tests.guide.claims import GUIDE, guide
from tests.programs import ROOT, manage, run_without_sentry
from tests.sentry_capture import capturing

CHAPTER = "Sentry Integration"
DSN = "https://your-key@sentry.example/1"
PRINT = """
import json, sentry_sdk
from deltacrown import settings
client = sentry_sdk.get_client()
options = ("dsn", "environment", "release", "traces_sample_rate", "profiles_sample_rate")
print(json.dumps({name: client.options[name] for name in options}))
"""


def configured(**variables: str) -> dict[str, Any]:
    """The SDK's options in a process with these variables."""
    done = run_without_sentry(sys.executable, "-c", PRINT, SENTRY_DSN=DSN, **variables)
    assert done.returncode == 0, done.stderr
    options: dict[str, Any] = json.loads(done.stdout)
    return options


@guide(CHAPTER, "Sentry is already configured in")
def test_sentry_is_already_configured_in_settings() -> None:
    assert configured(
        SENTRY_TRACES_SAMPLE_RATE="0.25",
        SENTRY_PROFILES_SAMPLE_RATE="0.75",
        SENTRY_ENVIRONMENT="production",
        SENTRY_RELEASE="v1.2.3",
    ) == {
        "dsn": DSN,
        "environment": "production",
        "release": "v1.2.3",
        "traces_sample_rate": 0.25,
        "profiles_sample_rate": 0.75,
    }


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
    options = configured(**variables)
    assert options["environment"] == environment
    assert (options["traces_sample_rate"], options["profiles_sample_rate"]) == (rate, rate)


@pytest.mark.parametrize("text", ["https://your-key@sentry.io/project-id", "https://sentry.io/1"])
def test_a_text_that_is_not_a_dsn_is_invalid(text: str) -> None:
    with pytest.raises(ValueError, match="is not a DSN"):
        dsn(text)


def test_every_variable_of_the_guide_is_in_the_example_file() -> None:
    guide = GUIDE.read_text()
    names = set(re.findall(r"^(SENTRY_\w+)=", guide, re.MULTILINE))
    assert len(names) == 5
    example = (ROOT / ".env.example").read_text()
    assert names <= set(re.findall(r"^(SENTRY_\w+)=", example, re.MULTILINE))


@guide(CHAPTER, "Uncaught Python exceptions")
def test_uncaught_python_exceptions(sentry: SentryServer) -> None:
    """A command sends its events before it ends."""
    done = manage("shell", "-v0", "-c", "1 / 0", SENTRY_DSN=sentry.dsn)
    assert done.returncode != 0
    [event] = sentry.events()
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert "Sentry is attempting" not in done.stderr


@pytest.mark.parametrize("dsn", ["", DSN])
@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("1", "http://localhost:8969/stream"),
        ("http://spotlight.example:8969/stream", "http://spotlight.example:8969/stream"),
        ("0", None),
        ("", None),
    ],
)
def test_spotlight_works_with_and_without_a_dsn(
    dsn: str, value: str, url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTRY_SPOTLIGHT", value)
    with capturing(dsn=dsn, transport=None):
        client = sentry_sdk.get_client()
        assert client.is_active() == bool(dsn or url)
        assert getattr(client.spotlight, "url", None) == url
