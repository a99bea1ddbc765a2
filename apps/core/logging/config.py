"""`LOGGING` for daphne, Django, Celery and every library: JSON lines, or readable ones.

LOGGING_CONFIG = "apps.core.logging.config.configure"
LOGGING = config(format="json", levels={"": "INFO"}, file="")
"""

import logging.config
from pathlib import Path
from typing import Any

from apps.core.logging import handlers, redaction
from apps.core.logging.formatters import ContextFilter, Json

ROOT = ""
TEN_MEGABYTES = 10 * 1024 * 1024

# Django gives these handlers of its own, unless they are named: text on stderr, mail to ADMINS.
OWN_HANDLERS = ("django", "django.server")
QUIET = {
    "axes": "ERROR",  # events have the sign-ins
    "django.request": "ERROR",  # the access log has the request
    "django.security.DisallowedHost": "CRITICAL",
    "celery.app.trace": "WARNING",  # "Task ended" has the task
    "celery.worker.strategy": "WARNING",
    "daphne": "WARNING",
}


def is_active() -> bool:
    """Whether the project's settings use this configuration."""
    return any(
        isinstance(handler, handlers.NonBlockingHandler) for handler in logging.root.handlers
    )


def config(
    *, format: str, levels: dict[str, str], file: str, stream: str = "stdout"
) -> dict[str, Any]:
    """`dictConfig` input. `format` is json or console. `levels` are by logger. `file` adds a
    rotating file of JSON lines, which several processes may share."""
    outputs: dict[str, Any] = {
        "console": {"()": handlers.console, "stream": stream, "formatter": format}
    }
    if file:
        outputs["file"] = {
            "()": handlers.file,
            "filename": file,
            "maxBytes": TEN_MEGABYTES,
            "backupCount": 5,
            "encoding": "utf-8",
            "formatter": "json",
        }
    loggers: dict[str, Any] = {name: {"propagate": True, "handlers": []} for name in OWN_HANDLERS}
    for name, level in (QUIET | levels).items():
        if name != ROOT:
            loggers.setdefault(name, {})["level"] = level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": ContextFilter}},
        "formatters": {
            "json": {"()": Json},
            "console": {"()": "apps.core.logging.console.Console"},
        },
        "handlers": {name: {**output, "filters": ["context"]} for name, output in outputs.items()},
        "root": {"handlers": list(outputs), "level": levels.get(ROOT, "INFO")},
        "loggers": loggers,
    }


def configure(definition: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: makes the log file's folder, then configures. Python's warnings
    become log lines too."""
    if output := definition["handlers"].get("file"):
        Path(output["filename"]).parent.mkdir(parents=True, exist_ok=True)
    redaction.secrets.cache_clear()  # .env may have been read since the first line
    logging.config.dictConfig(definition)
    logging.captureWarnings(capture=True)
