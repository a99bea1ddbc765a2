"""How a snippet is run, and what the guide says that comes of it."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from demo.api import Problem
from demo.guide.text import Snippet

ROOT = Path(__file__).parents[2]
SECONDS = 120
# What a snippet takes for granted, besides what it imports itself.
GIVEN = """
from types import SimpleNamespace
import logging, os
def risky_operation(): raise ValueError("risky")
error = SimpleNamespace(code="card_declined")
request = SimpleNamespace(user=SimpleNamespace(id=1))
user, tournament_id, connection_count = SimpleNamespace(id=1, username="ada"), 17, 1001
tournament = SimpleNamespace(id=17, game_title="VALORANT")
"""
# Parts of files, of which ours are something else to the same end: tests/guide holds these to it.
OURS = {
    "INSTALLED_APPS": "deltacrown/settings.py",
    "urlpatterns": "apps/core/exposition.py",
    "AsyncWebsocketConsumer": "apps/core/sockets/",
}
WHOLE_LOGGING = 'dictConfig(LOGGING); getLogger("apps.tournaments").info("told"); shutdown()'


class Runner:
    """Runs snippets against one deployment; each method says what came of it or raises Problem."""

    def __init__(self, base_url: str, prometheus: Callable[[str], list[Any]]) -> None:
        self.base_url = base_url
        self.prometheus = prometheus

    def run(self, snippet: Snippet) -> str:
        if snippet.kind == "promql":
            return self.query(snippet)
        if snippet.kind == "json":
            return f"shown: {', '.join(json.loads(snippet.text))}"
        if snippet.kind == "bash":
            return self.shell(snippet)
        return self.python(snippet)

    def query(self, snippet: Snippet) -> str:
        """Data for a dashboard's query; silence for an alert's, as nothing is wrong."""
        rows = self.prometheus(snippet.text.strip())
        is_alert = " > " in snippet.text
        if bool(rows) == is_alert:
            raise Problem("returns no data" if not rows else f"fires: {rows[0]['value'][1]}")
        return "silent" if is_alert else f"{len(rows)} series"

    def shell(self, snippet: Snippet) -> str:
        if "curl" in snippet.text:
            commands = re.findall(r"^(?:\$ )?(curl .+)$", snippet.text, re.MULTILINE)
            return "; ".join(_held(self._curl(command), snippet.text) for command in commands)
        if "pip install" in snippet.text:
            return _out(["-c", "import django_prometheus as d; print('installed', d.__version__)"])
        assignments = re.findall(r"^(\w+)=(\S*)", snippet.text, re.MULTILINE)
        return _settings_read(dict(assignments))

    def python(self, snippet: Snippet) -> str:
        code = snippet.text.replace("http://localhost:8000", self.base_url)
        if "LOGGING = {" in code:
            return _logs(code)
        for mark, ours in OURS.items():
            if mark in code:
                compile(code, str(snippet), "exec")
                return f"is Python; ours: {ours}"
        if "prometheus_client" in code or "requests.get" in code:
            return _out(["-c", code]) or "runs"
        return _out(["manage.py", "shell", "-v0", "-c", GIVEN + code]) or "runs"

    def _curl(self, command: str) -> str:
        there = command.replace("http://localhost:8000", self.base_url)
        done = subprocess.run(
            ["bash", "-c", there.replace("curl", "curl -sS --max-time 10", 1)],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            raise Problem(f"{there}: {done.stderr.strip()}")
        return done.stdout


def _held(answer: str, shown: str) -> str:
    """The answer against what the guide shows of it: JSON by its keys and values, metrics by name
    and label."""
    if "{" not in shown:
        return "answers " + ", ".join(json.loads(answer))
    if answer.startswith("#"):
        return _metrics_held(answer, shown)
    told, wanted = json.loads(answer), json.loads(shown[shown.index("{") :])
    for key, value in wanted.items():
        if key == "timestamp":
            datetime.fromisoformat(told[key])
        elif told.get(key) not in (value, "disabled"):  # no Redis where there is none to be
            raise Problem(f"{key} is {told.get(key)!r}, the guide says {value!r}")
    return "answers " + ", ".join(f"{key} {told[key]}" for key in wanted if key != "timestamp")


def _metrics_held(answer: str, shown: str) -> str:
    wanted = re.findall(r'^# (\w+)(?:\{(\w+="\w+")\})? \d+$', shown, re.MULTILINE)
    for name, label in wanted:
        if not re.search(rf"^{name}\{{.*{label}", answer, re.MULTILINE):
            raise Problem(f"{name} {label} is not there")
    return "has " + ", ".join(name for name, _ in wanted)


def _settings_read(variables: dict[str, str]) -> str:
    """The variables as they stand, in an .env of their own, read by our settings."""
    names = ["SENTRY_ENVIRONMENT", "RELEASE", "ENABLE_PROMETHEUS", "PROMETHEUS_METRICS_PATH"]
    code = f"from django.conf import settings as s; print([getattr(s, n) for n in {names}])"
    fit = variables | {"SENTRY_DSN": "https://key@sentry.invalid/1"}
    if "SENTRY_DSN" not in variables:
        fit.pop("SENTRY_DSN")
    return "read: " + _out(["manage.py", "shell", "-v0", "-c", code], **fit)


def _logs(code: str) -> str:
    """The configuration as it stands, in a folder that has the `logs/` which it writes to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "logs").mkdir()
        lines = ["from logging import getLogger, shutdown", "from logging.config import dictConfig"]
        return _out(["-W", "ignore", "-c", "\n".join([*lines, code, WHOLE_LOGGING])], cwd=folder)


def _out(arguments: list[str], cwd: str = "", **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd or ROOT,
        env=os.environ | {"DEBUG": "1", "LOG_FORMAT": "console"} | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise Problem((done.stderr.strip().splitlines() or ["failed"])[-1])
    said = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return said[-1] if said else ""


def asked(url: str) -> Callable[[str], list[Any]]:
    """Asks a Prometheus."""

    def query(expression: str) -> list[Any]:
        try:
            answer = httpx.get(f"{url}/api/v1/query", params={"query": expression}, timeout=10)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as fault:
            raise Problem(f"Prometheus at {url}: {fault}") from None
        if told["status"] != "success":
            raise Problem(str(told["error"]))
        rows: list[Any] = told["data"]["result"]
        return rows

    return query
