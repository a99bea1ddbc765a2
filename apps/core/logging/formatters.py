"""The two kinds of line: JSON for programs, and one for people."""

import copy
import json
import logging
import os
import re
import sys
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from apps.core import context
from apps.core.logging.redaction import named, shortened, text, without_tokens

MAX_LINE = 16 * 1024 - 1  # with its line break what Docker's log driver takes in one piece
MAX_TRACEBACK = 8192
MAX_READABLE = 300
CUT = "cut"
# What is left of a line that is too long whatever is done about it.
ESSENCE = ("timestamp", "level", "logger", "message", "event", "request_id", "trace_id",
           "tournament_id", "user_id", "service", "release")  # fmt: skip
ALWAYS = ("request_id", "trace_id")
UNKNOWN = "-"
UNTOLD = ("client",)  # the access line says it once a request

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CONTROL_IN_LINE = re.compile(rf"(?!\n){_CONTROL.pattern}")
_PLAIN = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
# Django's request, whose text has the query; Celery's arguments of a task.
_LEFT_OUT = {"request", "data", "server_time"}
# Paths, origins, referers.
_REPEATS_THE_CLIENT = ("django.request", "django.security.")


class ContextFilter(logging.Filter):
    """Puts the context's fields on every record; what the caller passed as `extra` wins."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in context.current().items():
            if name not in UNTOLD:
                record.__dict__.setdefault(name, value)
        for name in ALWAYS:
            record.__dict__.setdefault(name, UNKNOWN)
        if record.exc_info and record.exc_info[0] is None:
            record.exc_info = None  # exc_info=True where nothing was raised
        if record.name.startswith(_REPEATS_THE_CLIENT):
            record.msg, record.args = without_tokens(record.getMessage()), None
        return True


class Forgiving(logging.Formatter):
    """A record that cannot be formatted is told all the same, with why not."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            return super().format(record)
        except Exception as fault:
            replaced = copy.copy(record)
            replaced.msg, replaced.args = text(record.msg), None
            replaced.exc_info = replaced.exc_text = replaced.stack_info = None
            replaced.__dict__["logging_fault"] = repr(fault)
            return super().format(replaced)


class Json(Forgiving, JsonFormatter):
    """One object a line, in UTC, of at most 16 KiB. JSON's own escapes keep line breaks and all
    that is not ASCII inside their string."""

    def __init__(self) -> None:
        super().__init__("%(created)f %(levelname)s %(name)s %(message)s")
        self._process = process_fields()

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        at = datetime.fromtimestamp(log_data.pop("created"), UTC)
        ours = {
            "timestamp": f"{at:%Y-%m-%dT%H:%M:%S.%f}Z",
            "level": log_data.pop("levelname"),
            "logger": text(log_data.pop("name")),
            "message": text(log_data.pop("message")),
        }
        trace = {
            name: text(log_data.pop(name), MAX_TRACEBACK)
            for name in ("exc_info", "stack_info")
            if name in log_data
        }
        given = named((name, value) for name, value in log_data.items() if name not in _LEFT_OUT)
        return ours | {k: v for k, v in given.items() if k not in ours} | self._process | trace

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        line = json.dumps(log_data)
        return line if len(line) <= MAX_LINE else _fitting(log_data)


class Console(Forgiving):
    """The guide's readable line, with what the caller gave as `extra`, each value cut to what is
    still readable, and the request id. Nothing in a message can forge a second line: only a
    traceback has more than one, all indented."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("{levelname} {asctime} {module} {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 logging's name
        given = record.__dict__.items()
        fields = {k: v for k, v in given if k not in _PLAIN and k not in _LEFT_OUT}
        identifier = fields.pop("request_id", UNKNOWN)
        if fields.get("trace_id") == UNKNOWN:
            del fields["trace_id"]
        told = "".join(
            f" {name}={_cut(value, MAX_READABLE)}" for name, value in named(fields.items()).items()
        )
        record.message = _CONTROL.sub(" ", f"{text(record.message)}{told} [{text(identifier)}]")
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 logging's name
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 logging's name
        return _indented(super().formatStack(stack_info))


def process_fields() -> dict[str, str]:
    """What is the same on every line of a process."""
    fields = {
        "service": os.environ.get("SERVICE_NAME") or Path(sys.argv[0]).stem or "python",
        "release": os.environ.get("SENTRY_RELEASE") or "unknown",
        "environment": os.environ.get("SENTRY_ENVIRONMENT", ""),
    }
    return {name: value for name, value in fields.items() if value}


def _indented(trace: str) -> str:
    told = _CONTROL_IN_LINE.sub(" ", text(trace, MAX_TRACEBACK))
    return "\n".join(f"    {line}" for line in told.split("\n"))


def _fitting(data: dict[str, Any]) -> str:
    """The line with its values cut as far as it takes, and marked as such."""
    kept = dict(islice(data.items(), 40))
    for limit in (2000, 500, 100):
        line = json.dumps({k: _cut(v, limit) for k, v in kept.items()} | {CUT: True})
        if len(line) <= MAX_LINE:
            return line
    essence = {name: _cut(data[name], 100) for name in ESSENCE if name in data}
    return json.dumps(essence | {CUT: True})


def _cut(value: Any, limit: int) -> Any:
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return shortened(value, limit) if isinstance(value, str) else value
