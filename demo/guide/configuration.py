"""The guide's variables and logging, read and tried as they are written."""

import json
import re
import tempfile
from importlib.metadata import version
from pathlib import Path

from demo.api import Problem
from demo.guide.running import Outcome, python

# The guide's own is a place holder that no SDK takes.
DSN = "https://key@sentry.invalid/1"
READ_AS = {
    "SENTRY_DSN": "settings.SENTRY_DSN",
    "SENTRY_TRACES_SAMPLE_RATE": "sentry['traces_sample_rate']",
    "SENTRY_PROFILES_SAMPLE_RATE": "sentry['profiles_sample_rate']",
    "SENTRY_ENVIRONMENT": "sentry['environment']",
    "SENTRY_RELEASE": "sentry['release']",
    "ENABLE_PROMETHEUS": "settings.ENABLE_PROMETHEUS",
    "PROMETHEUS_METRICS_PATH": "settings.PROMETHEUS_METRICS_PATH",
}
READING = """
import json, sys
from pathlib import Path
from deltacrown.environment import read_file
read_file(Path(sys.argv[1]))
from deltacrown import settings
import sentry_sdk
sentry = sentry_sdk.get_client().options
print(json.dumps({{{asked}}}))
"""


def variables(text: str) -> Outcome:
    """Each, from a file with these lines, against the guide's value."""
    text = re.sub(r"^(SENTRY_DSN)=\S+", rf"\1={DSN}", text, flags=re.MULTILINE)
    wanted = dict(re.findall(r"^(\w+)=(\S*)", text, re.MULTILINE))
    if unread := wanted.keys() - READ_AS.keys():
        raise Problem(f"nothing is known to read {', '.join(sorted(unread))}")
    told = _read(text, list(wanted))
    for name, value in wanted.items():
        if not _is(told[name], value):
            raise Problem(f"{name} is read as {told[name]!r}, the guide says {value}")
    note = " (in place of the guide's place holder)" if "SENTRY_DSN" in wanted else ""
    return Outcome("read: " + ", ".join(f"{name} {told[name]}" for name in wanted) + note)


def _read(text: str, names: list[str]) -> dict[str, object]:
    asked = ", ".join(f"{name!r}: {READ_AS[name]}" for name in names)
    with tempfile.NamedTemporaryFile("w", suffix=".env") as file:
        file.write(text)
        file.flush()
        lines = python("-c", READING.format(asked=asked), file.name, without=names)
    told: dict[str, object] = json.loads(lines[0])
    return told


def _is(told: object, wanted: str) -> bool:
    if isinstance(told, bool):
        return told == (wanted == "1")
    return told == float(wanted) if isinstance(told, int | float) else told == wanted


def installed(text: str) -> Outcome:
    """pip has nothing to do where what is there fits."""
    [(package, oldest)] = re.findall(r"^([\w-]+)>=([\d.]+)$", text, re.MULTILINE)
    found = version(package)
    if _numbers(found) < _numbers(oldest):
        raise Problem(f"{package} is {found}, the guide wants {oldest}")
    return Outcome(f"{package} {found} is there, at least {oldest}")


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def logs(text: str) -> Outcome:
    """A line by this configuration, in a folder that has the `logs/` which it writes to."""
    told = 'dictConfig(LOGGING); getLogger("apps.tournaments").info("told"); shutdown()'
    given = ["from logging import getLogger, shutdown", "from logging.config import dictConfig"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "logs", "deltacrown.log")
        file.parent.mkdir()
        lines = python("-W", "ignore", "-c", "\n".join([*given, text, told]), cwd=folder)
        if "RotatingFileHandler" in text and file.read_text().splitlines() != lines:
            raise Problem("the file does not hold what the console does")
    [line] = lines
    if keys := re.findall(r"%\((\w+)\)s", text):
        said = json.loads(line)
        good = said.keys() == set(keys) and (said["levelname"], said["message"]) == ("INFO", "told")
    else:
        good = bool(re.fullmatch(r"INFO [\d-]+ [\d:,]+ \S+ told", line))
    if not good:
        raise Problem(f"logs {line}")
    return Outcome(f"logs {line}")
