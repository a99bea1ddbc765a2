"""One definition of logging for daphne, Django, Celery and every library: JSON or readable.

plain.py     what a line may hold: nothing secret, nothing endless, nothing that JSON cannot say
formats.py   the two kinds of line
handlers.py  where lines go, and what happens when they cannot
setup.py   what a process says that is no log record: prints, warnings, uncaught exceptions
"""

import logging.config
from pathlib import Path
from typing import Any

from apps.core.logging import setup
from apps.core.logging.formatters import Console, ContextFilter, Json
from apps.core.logging.handlers import Descriptor, RotatingFile

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
ROOT = ""
TEN_MEGABYTES = 10 * 1024 * 1024

# To which Django gives handlers, whatever the project says: text on stderr and mails to ADMINS.
DJANGOS = ("django", "django.server")
# What has a line of our own is not told twice; a fault of ours is, with its traceback.
QUIET = {
    "axes": "ERROR",  # the sign-ins are told by events
    "django.request": "ERROR",
    "django.security.DisallowedHost": "CRITICAL",
    "celery.app.trace": "WARNING",
    "celery.worker.strategy": "WARNING",
    "daphne": "WARNING",
}


def read_levels(text: str) -> dict[str, str]:
    """`INFO,apps.payments=DEBUG` by logger; the one without a name is everybody else's.

    Raises ValueError, which says what is wrong without repeating the text."""
    levels: dict[str, str] = {}
    for number, entry in enumerate(text.split(","), 1):
        name, equals, level = (part.strip() for part in entry.rpartition("="))
        if level.upper() not in LEVELS:
            raise ValueError(f"has no level of {', '.join(LEVELS)} in entry {number}")
        if equals and not name:
            raise ValueError(f"names no logger before the = of entry {number}")
        if name in levels:
            raise ValueError(f"has a second level for the same logger in entry {number}")
        levels[name] = level.upper()
    return levels


def config(*, format: str, levels: dict[str, str], file: str) -> dict[str, Any]:
    """`dictConfig` input. `file` adds a rotating file of JSON lines, which any number of processes
    may share."""
    handlers: dict[str, Any] = {
        "console": {
            "()": Descriptor,
            "descriptor": setup.descriptor(),
            "formatter": format,
            "filters": ["context"],
        }
    }
    if file:
        handlers["file"] = {
            "()": RotatingFile,
            "filename": file,
            "maxBytes": TEN_MEGABYTES,
            "backupCount": 5,
            "encoding": "utf-8",
            "formatter": "json",
            "filters": ["context"],
        }
    by_logger = QUIET | {name: level for name, level in levels.items() if name != ROOT}
    loggers: dict[str, Any] = {name: {"propagate": True, "handlers": []} for name in DJANGOS}
    for name, level in by_logger.items():
        loggers.setdefault(name, {})["level"] = level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": ContextFilter}},
        "formatters": {"json": {"()": Json}, "console": {"()": Console}},
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": levels.get(ROOT, "INFO")},
        "loggers": loggers,
    }


def configure(definition: dict[str, Any]) -> None:
    """What Django's LOGGING_CONFIG calls: makes the log file's folder, then configures. Python's
    warnings become log lines too, and so does what the process prints, where it was taken over."""
    if file := definition["handlers"].get("file"):
        Path(file["filename"]).parent.mkdir(parents=True, exist_ok=True)
    logging.config.dictConfig(definition)
    logging.captureWarnings(capture=True)
    setup.is_configured(format=definition["handlers"]["console"]["formatter"])
