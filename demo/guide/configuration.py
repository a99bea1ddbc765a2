"""The guide's environment variables, requirements and logging configuration, tried as written."""

import json
import re
import tempfile
from importlib.metadata import version
from pathlib import Path

from demo.api import DemoError
from demo.guide.commands import Outcome, run_python

DSN = "https://key@sentry.invalid/1"  # the SDK rejects the guide's placeholder
EXPRESSIONS = {
    "SENTRY_DSN": "settings.SENTRY_DSN",
    "SENTRY_TRACES_SAMPLE_RATE": "sentry['traces_sample_rate']",
    "SENTRY_PROFILES_SAMPLE_RATE": "sentry['profiles_sample_rate']",
    "SENTRY_ENVIRONMENT": "sentry['environment']",
    "SENTRY_RELEASE": "sentry['release']",
    "ENABLE_PROMETHEUS": "settings.ENABLE_PROMETHEUS",
    "PROMETHEUS_METRICS_PATH": "settings.PROMETHEUS_METRICS_PATH",
}
PRINT_SETTINGS = """
import json, sys
from pathlib import Path
from dotenv import load_dotenv
load_dotenv(sys.argv[1])
from deltacrown import settings
import sentry_sdk
sentry = sentry_sdk.get_client().options
print(json.dumps({{{items}}}))
"""
LOG_A_LINE = """
from logging import getLogger, shutdown
from logging.config import dictConfig
{configuration}
dictConfig(LOGGING); getLogger("apps.tournaments").info("hello"); shutdown()
"""


def check_variables(text: str) -> Outcome:
    """Reads each variable from a file with these lines and compares it with the guide's value."""
    text = re.sub(r"^(SENTRY_DSN)=\S+", rf"\1={DSN}", text, flags=re.MULTILINE)
    expected = dict(re.findall(r"^(\w+)=(\S*)", text, re.MULTILINE))
    if unknown := expected.keys() - EXPRESSIONS.keys():
        raise DemoError(f"no setting reads {', '.join(sorted(unknown))}")
    actual = _read_settings(text, list(expected))
    for name, value in expected.items():
        if not _equal(actual[name], value):
            raise DemoError(f"{name} is read as {actual[name]!r}, the guide says {value}")
    note = " (replaces the guide's placeholder)" if "SENTRY_DSN" in expected else ""
    return Outcome("read: " + ", ".join(f"{name} {actual[name]}" for name in expected) + note)


def _read_settings(text: str, names: list[str]) -> dict[str, object]:
    items = ", ".join(f"{name!r}: {EXPRESSIONS[name]}" for name in names)
    with tempfile.NamedTemporaryFile("w", suffix=".env") as file:
        file.write(text)
        file.flush()
        code = PRINT_SETTINGS.format(items=items)
        [line, *_] = run_python("-c", code, file.name, without=names)
    values: dict[str, object] = json.loads(line)
    return values


def _equal(actual: object, expected: str) -> bool:
    if isinstance(actual, bool):
        return actual == (expected == "1")
    if isinstance(actual, int | float):
        return actual == float(expected)
    return actual == expected


def check_requirement(text: str) -> Outcome:
    """The installed version satisfies the guide's requirement, so pip has nothing to do."""
    [(package, minimum)] = re.findall(r"^([\w-]+)>=([\d.]+)$", text, re.MULTILINE)
    installed = version(package)
    if _numbers(installed) < _numbers(minimum):
        raise DemoError(f"{package} is {installed}, the guide requires {minimum}")
    return Outcome(f"{package} {installed} is installed, the guide requires {minimum}")


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def check_logging(text: str) -> Outcome:
    """Logs a line with this configuration, in a folder that has the `logs/` it writes to."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "logs", "deltacrown.log")
        file.parent.mkdir()
        code = LOG_A_LINE.format(configuration=text)
        lines = run_python("-W", "ignore", "-c", code, cwd=folder)
        if "RotatingFileHandler" in text and file.read_text().splitlines() != lines:
            raise DemoError("the file and the console have different lines")
    [line] = lines
    if keys := re.findall(r"%\((\w+)\)s", text):
        entry = json.loads(line)
        values = (entry["levelname"], entry["message"])
        valid = entry.keys() == set(keys) and values == ("INFO", "hello")
    else:
        valid = bool(re.fullmatch(r"INFO [\d-]+ [\d:,]+ \S+ hello", line))
    if not valid:
        raise DemoError(f"logs {line}")
    return Outcome(f"logs {line}")
