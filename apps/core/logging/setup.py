"""Uncaught exceptions become log lines; a process that is misconfigured ends with one message.

Entry points call `install_hooks` first: `manage.py`, the `celery` command, `apps.core.http.server`.
"""

import logging
import logging.config
import os
import sys
import threading
from types import TracebackType
from typing import NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.core.logging.config import config, is_active

logger = logging.getLogger(__name__)

STDERR = 2
MISCONFIGURED = 2  # the exit status

_is_installed = False
_is_command = False


class Misconfigured(ImproperlyConfigured):
    """The process cannot start as it is configured. Reported without a traceback, one line per
    problem. No problem repeats a value, which may be a secret."""

    def __init__(self, summary: str, problems: list[str]) -> None:
        super().__init__(f"{summary}: {'; '.join(problems)}.")
        self.summary, self.problems = summary, problems


def install_hooks(service: str, *, is_command: bool = False) -> None:
    """Makes uncaught exceptions log lines. The result of a command is on stdout, so its lines go
    to stderr."""
    global _is_installed, _is_command
    _is_installed, _is_command = True, is_command
    os.environ.setdefault("SERVICE_NAME", service)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(
        args.exc_type, args.exc_value, args.exc_traceback, where=getattr(args.thread, "name", "-")
    )
    sys.unraisablehook = lambda args: _uncaught(
        args.exc_type, args.exc_value, args.exc_traceback, where=args.err_msg or "a finalizer"
    )


def is_command() -> bool:
    return _is_command


def stream() -> str:
    return "stderr" if _is_command else "stdout"


def log_start() -> None:
    if _is_installed and is_active() and not _is_command:
        logger.info("Process started", extra={"pid": os.getpid(), "python": sys.version.split()[0]})


def end_misconfigured(error: Misconfigured) -> NoReturn:
    """Ends with status 2: one line for each problem to a person, one JSON line to a collector."""
    if _is_command or _default_format() == "console" or os.isatty(STDERR):
        problems = "".join(f"  {problem}\n" for problem in error.problems)
        os.write(STDERR, f"{error.summary}:\n{problems}".encode())
    else:
        logger.critical("%s", error)
    raise SystemExit(MISCONFIGURED)  # from an excepthook, this is the exit status of the process


def _uncaught(
    kind: type[BaseException],
    error: BaseException | None,
    trace: TracebackType | None,
    **fields: str,
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    if not is_active() and not settings.configured:  # an error prevents reading them
        logging.config.dictConfig(
            config(format=_default_format(), levels={"": "WARNING"}, file="", stream=stream())
        )
    if isinstance(error, Misconfigured):
        end_misconfigured(error)
    if not is_active() and settings.configured:  # by a project with other logging
        sys.__excepthook__(kind, error or kind(), trace)
        return
    error = error or kind()
    message = "Uncaught exception: %s: %s"
    logger.critical(message, kind.__name__, error, exc_info=(kind, error, trace), extra=fields)


def _default_format() -> str:
    default = "console" if os.environ.get("DEBUG", "").lower() in ("1", "true", "on") else "json"
    wanted = os.environ.get("LOG_FORMAT", "")
    return wanted if wanted in ("json", "console") else default
