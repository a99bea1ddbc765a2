"""Log records as lines of JSON, with the fields of the context."""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from apps.core import context
from apps.core.logging.redaction import plain, shortened, text, without_tokens

MAX_LINE = 16 * 1024 - 1  # with its line break, the size that Docker's log driver does not split
MAX_TRACEBACK = 8192
MAX_FIELDS = 40  # of a line that is too long
ESSENTIAL = ("timestamp", "level", "logger", "message", "event", "request_id", "trace_id",
             "user_id", "service", "release")  # fmt: skip
MISSING = "-"
PRIVATE = ("client",)  # of the context: only the access log has the client's address
# Django's request, whose text has the query; Celery's arguments of a task.
OMITTED = {"request", "data", "server_time"}
_REPEATS_THE_CLIENT = ("django.request", "django.security.")  # paths, origins, referers


class ContextFilter(logging.Filter):
    """Adds the context's fields to every record, unless `extra` has the same name."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in context.current().items():
            if name not in PRIVATE:
                record.__dict__.setdefault(name, value)
        for name in ("request_id", "trace_id"):
            record.__dict__.setdefault(name, MISSING)
        if record.exc_info and record.exc_info[0] is None:
            record.exc_info = None  # exc_info=True where nothing was raised
        try:
            message = record.getMessage()
        except Exception as error:  # the line is written all the same
            record.msg, record.args = text(record.msg), None
            record.__dict__["logging_fault"] = repr(error)
        else:
            if record.name.startswith(_REPEATS_THE_CLIENT):
                record.msg, record.args = without_tokens(message), None
        return True


class Json(JsonFormatter):
    """One object a line, in UTC, of at most 16 KiB."""

    def __init__(self) -> None:
        super().__init__("%(created)f %(levelname)s %(name)s %(message)s")
        fields = {
            "service": os.environ.get("SERVICE_NAME") or Path(sys.argv[0]).stem or "python",
            "release": os.environ.get("SENTRY_RELEASE") or "unknown",
            "environment": os.environ.get("SENTRY_ENVIRONMENT", ""),
        }
        self._process = {name: value for name, value in fields.items() if value}

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        created = datetime.fromtimestamp(log_data.pop("created"), UTC)
        line = {
            "timestamp": f"{created:%Y-%m-%dT%H:%M:%S.%f}Z",
            "level": log_data.pop("levelname"),
            "logger": text(log_data.pop("name")),
            "message": text(log_data.pop("message")),
        }
        names = [name for name in ("exc_info", "stack_info") if name in log_data]
        traces = {name: text(log_data.pop(name), MAX_TRACEBACK) for name in names}
        extra = plain({k: v for k, v in log_data.items() if k not in OMITTED})
        return line | extra | line | self._process | traces

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        line = json.dumps(log_data)
        if len(line) > MAX_LINE:
            line = _shortened(dict(islice(log_data.items(), MAX_FIELDS)), 1000)
        if len(line) > MAX_LINE:
            line = _shortened({k: log_data[k] for k in ESSENTIAL if k in log_data}, 100)
        return line


def cut(value: Any, limit: int) -> Any:
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return shortened(value, limit) if isinstance(value, str) else value


def _shortened(fields: dict[str, Any], limit: int) -> str:
    return json.dumps({name: cut(value, limit) for name, value in fields.items()} | {"cut": True})
