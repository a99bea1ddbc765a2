"""One definition of logging for daphne, Django, Celery and every library: JSON or readable."""

import logging
import logging.config
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from apps.core import context

LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_PLAIN = {*vars(logging.makeLogRecord({})), "message", "asctime"}


class ContextFilter(logging.Filter):
    """Puts the context's fields on every record; what the caller passed as `extra` wins."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in context.current().items():
            record.__dict__.setdefault(name, value)
        record.__dict__.setdefault("request_id", "-")
        return True


class Json(JsonFormatter):
    """One object a line, in UTC. JSON's own escapes keep line breaks inside the string."""

    def __init__(self) -> None:
        super().__init__(
            "%(created)f %(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            static_fields=_process_fields(),
            json_ensure_ascii=True,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        at = datetime.fromtimestamp(log_data.pop("created"), UTC)
        return {"timestamp": f"{at:%Y-%m-%dT%H:%M:%S.%f}Z", **log_data}


class Console(logging.Formatter):
    """The guide's readable line, with what the caller gave as `extra` and the request id. Nothing
    in a message can forge a second line."""

    def __init__(self) -> None:
        super().__init__("{levelname:<7} {asctime} {name} {message}", "%H:%M:%S", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 logging's name
        given = record.__dict__.items()
        fields = {name: value for name, value in given if name not in _PLAIN}
        identifier = fields.pop("request_id", "-")
        told = " ".join(f"{name}={value}" for name, value in fields.items())
        record.message = _CONTROL.sub(" ", f"{record.message} {told} [{identifier}]")
        return super().formatMessage(record)


def config(*, format: str, level: str, file: str) -> dict[str, Any]:
    """`dictConfig` input. `file` adds a rotating file: one process may write it, so give each
    process a name of its own (`logs/web-1.log`) or leave it out and collect stdout."""
    handlers: dict[str, Any] = {
        "console": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": format,
            "filters": ["context"],
        }
    }
    if file:
        handlers["file"] = {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": file,
            "maxBytes": 10 * 1024 * 1024,
            "backupCount": 5,
            "encoding": "utf-8",
            "delay": True,
            "formatter": "json",
            "filters": ["context"],
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": ContextFilter}},
        "formatters": {"json": {"()": Json}, "console": {"()": Console}},
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        # What has a line of our own is not told twice; a fault of ours is, with its traceback.
        "loggers": {
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "celery.app.trace": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
        },
    }


def configure(definition: dict[str, Any]) -> None:
    """What Django's LOGGING_CONFIG calls: makes the log file's folder, then configures. Python's
    warnings become log lines too."""
    if file := definition["handlers"].get("file"):
        Path(file["filename"]).parent.mkdir(parents=True, exist_ok=True)
    logging.config.dictConfig(definition)
    logging.captureWarnings(capture=True)


def _process_fields() -> dict[str, str]:
    names = {
        "service": "SERVICE_NAME",
        "release": "SENTRY_RELEASE",
        "environment": "SENTRY_ENVIRONMENT",
    }
    return {field: os.environ[name] for field, name in names.items() if os.environ.get(name)}
