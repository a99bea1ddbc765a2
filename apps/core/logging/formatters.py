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
MISSING = "-"
PRIVATE = {"client"}  # of the context: only the access log has the client's address
# Django's request, whose text has the query; Celery's arguments of a task.
OMITTED = {"request", "data", "server_time"}
_REPEATS_THE_CLIENT = ("django.request", "django.security.")  # paths, origins, referers


class ContextFilter(logging.Filter):
    """Adds the context's fields to every record, unless `extra` has the same name."""

    def filter(self, record: logging.LogRecord) -> bool:
        fields = {"request_id": MISSING, "trace_id": MISSING} | context.current()
        for name, value in fields.items():
            if name not in PRIVATE:
                record.__dict__.setdefault(name, value)
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
        self._process = {
            "service": os.environ.get("SERVICE_NAME") or Path(sys.argv[0]).stem or "python",
            "release": os.environ.get("SENTRY_RELEASE") or "unknown",
        }
        if environment := os.environ.get("SENTRY_ENVIRONMENT"):
            self._process["environment"] = environment

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        created = datetime.fromtimestamp(log_data.pop("created"), UTC)
        standard = {
            "timestamp": f"{created:%Y-%m-%dT%H:%M:%S.%f}Z",
            "level": log_data.pop("levelname"),
            "logger": text(log_data.pop("name")),
            "message": text(log_data.pop("message")),
            "request_id": text(log_data.pop("request_id", MISSING)),
            "trace_id": text(log_data.pop("trace_id", MISSING)),
            **self._process,
        }
        names = [name for name in ("exc_info", "stack_info") if name in log_data]
        traces = {name: text(log_data.pop(name), MAX_TRACEBACK) for name in names}
        extra: dict[str, Any] = plain({k: v for k, v in log_data.items() if k not in OMITTED})
        return standard | traces | extra | standard | traces  # a cut line keeps the first fields

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        line = json.dumps(log_data)
        for count, limit in ((40, 1000), (12, 100)):
            if len(line) > MAX_LINE:
                fields = islice(log_data.items(), count)
                short = {name: cut(value, limit) for name, value in fields}
                line = json.dumps(short | {"cut": True})
        return line


def cut(value: Any, limit: int) -> Any:
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return shortened(value, limit) if isinstance(value, str) else value
