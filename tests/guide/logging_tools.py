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
from tests import programs

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
ON_EVERY_LINE = {
    "timestamp", "level", "logger", "message", "request_id", "trace_id", "service", "release",
}  # fmt: skip
FORMATTERS: dict[str, type[logging.Formatter]] = {"json": Json, "console": Console}
# Unbuffered, a line that a program prints is not written together with its line break.
CLEARED = dict.fromkeys(("DB_PORT", "LOG_FORMAT", "LOG_LEVEL", "PYTHONUNBUFFERED"), "")
PRODUCTION = programs.WITHOUT_SERVERS | CLEARED | {"DEBUG": "0"}
CONFIGURED = """
import logging
from apps.core.logging.config import config, configure
configure(config(format="json", levels={{}}, file={file!r}))
log = logging.getLogger("apps.shop")
"""

Line = dict[str, Any]


def handler_to(output: io.StringIO, kind: str = "json") -> logging.Handler:
    """With the formatter and the filter of production."""
    handler = logging.StreamHandler(output)
    handler.setFormatter(FORMATTERS[kind]())
    handler.addFilter(ContextFilter())
    return handler


def written(say: Callable[[logging.Logger], None], kind: str = "json") -> str:
    output = io.StringIO()
    logger = logging.Logger("apps.tournaments.shop")
    logger.addHandler(handler_to(output, kind))
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


def parsed_lines(text: str, **fields: object) -> list[Line]:
    """The lines that have these fields."""
    lines = [parsed(line) for line in text.splitlines()]
    return [line for line in lines if fields.items() <= line.items()]


def lines_of(path: Path, **fields: object) -> list[Line]:
    return parsed_lines(path.read_text(), **fields)


def logging_process(script: str, file: Path | str = "") -> list[str]:
    """The command of a process that logs as in production, without Django. `log` is a logger."""
    return [sys.executable, "-c", CONFIGURED.format(file=str(file)) + script]


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a program as in production. `python` is that of the tests."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return programs.run(*command, **(PRODUCTION | {"PATH": path, "VENV": "none"} | variables))


def run_python(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a script with Django set up as in production."""
    variables.setdefault("DJANGO_SETTINGS_MODULE", "deltacrown.settings")
    return run("python", "-c", f"import django\ndjango.setup()\n{script}", **variables)
