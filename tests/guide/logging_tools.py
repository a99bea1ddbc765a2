"""Log lines, and processes that write them."""

import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apps.core.logging.console import Console
from apps.core.logging.formatters import ContextFilter, Json

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "MONITORING.md").read_text()
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
ON_EVERY_LINE = {
    "timestamp", "level", "logger", "message", "request_id", "trace_id", "service", "release",
}  # fmt: skip
KEY = "a-key-that-is-long-enough-for-production"
FORMATTERS: dict[str, type[logging.Formatter]] = {"json": Json, "console": Console}

Line = dict[str, Any]


def written(say: Callable[[logging.Logger], None], kind: str = "json") -> str:
    """The output of a logger with the formatter and the filter of production."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(FORMATTERS[kind]())
    handler.addFilter(ContextFilter())
    logger = logging.Logger("apps.tournaments.shop")
    logger.addHandler(handler)
    say(logger)
    return output.getvalue()


def line(say: Callable[[logging.Logger], None]) -> Line:
    text = written(say)
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return parsed(text)


def parsed(text: str) -> Line:
    """Parses a line as strict JSON, and checks the fields that every line has."""
    fields = json.loads(text, parse_constant=lambda name: 1 / 0)
    assert isinstance(fields, dict), text
    assert set(fields) >= ON_EVERY_LINE, text
    assert UTC.fullmatch(fields["timestamp"]), text
    assert fields["level"] in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
    return fields


def lines_of(path: Path, **fields: object) -> list[Line]:
    """The lines of a file that have these fields."""
    lines = [parsed(text) for text in path.read_text().splitlines()]
    return [line for line in lines if fields.items() <= line.items()]


def production(**variables: str) -> dict[str, str]:
    """A production environment with these variables. Logs are JSON by default."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "VENV": "none", "SECRET_KEY": KEY, **variables}


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env=production(**variables), capture_output=True, text=True,
        timeout=180, check=False,
    )  # fmt: skip


def run_python(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a script with Django set up as in production."""
    variables.setdefault("DJANGO_SETTINGS_MODULE", "deltacrown.settings")
    return run(sys.executable, "-c", f"import django\ndjango.setup()\n{script}", **variables)
