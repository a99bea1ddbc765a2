"""What a process says that is no log record becomes one: uncaught exceptions, and prints.

Entry points call `install_hooks` first: `manage.py`, the `celery` command, `apps.core.http.server`.
"""

import io
import logging
import logging.config
import os
import sys
import threading
from types import TracebackType
from typing import Any, NoReturn

from apps.core.exceptions import Misconfigured
from apps.core.logging import redaction
from apps.core.logging.handlers import Descriptor

logger = logging.getLogger("deltacrown.process")

STDOUT, STDERR = 1, 2
MISCONFIGURED = 2  # the exit status
LONGEST_PRINTED = 64 * 1024
# Commands that print how they get on. What others print is their result, which somebody reads.
TELL_PROGRESS = ("migrate", "collectstatic", "prepare", "seed_demo", "createcachetable")

PLAIN = "%(asctime)-15s %(levelname)-8s %(message)s"  # daphne's own

_taken_over = False
_is_command = False
_is_configured = False


def install_hooks(service: str, *, is_command: bool = False) -> None:
    """Uncaught exceptions become log lines from here on; what is printed, once the settings have
    configured logging for JSON. A command's stdout is its result, so its lines go to stderr."""
    global _taken_over, _is_command
    _taken_over, _is_command = True, is_command
    os.environ.setdefault("SERVICE_NAME", service)
    _configure_without_settings()
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(
        args.exc_type, args.exc_value, args.exc_traceback, where=getattr(args.thread, "name", "-")
    )
    sys.unraisablehook = lambda args: _uncaught(
        args.exc_type, args.exc_value, args.exc_traceback, where=args.err_msg or "a finalizer"
    )


def settings_are_read() -> None:
    """Where they do not ask for our logging, the process is as it would be without us."""
    if not _taken_over or _is_configured:
        return
    sys.excepthook, sys.unraisablehook = sys.__excepthook__, sys.__unraisablehook__
    threading.excepthook = threading.__excepthook__
    if any(isinstance(handler, Descriptor) for handler in logging.root.handlers):
        level = logging.WARNING if _is_command else logging.INFO
        logging.basicConfig(level=level, format=PLAIN, force=True)


def is_ours() -> bool:
    """Whether the settings asked for our logging."""
    return _is_configured


def is_command() -> bool:
    return _is_command


def descriptor() -> int:
    return STDERR if _is_command else STDOUT


def is_configured(*, format: str) -> None:
    """What is printed becomes a log line too, where lines are JSON. Not what a person at a terminal
    reads."""
    global _is_configured
    is_first, _is_configured = not _is_configured, True
    redaction.secrets.cache_clear()  # .env may have been read since the first line
    if not _taken_over or format != "json":
        return
    if not _is_command or _tells_progress():
        sys.stdout = _printed(sys.stdout, "stdout", logging.INFO)
        sys.stderr = _printed(sys.stderr, "stderr", logging.WARNING)
    if celery := sys.modules.get("celery.apps.worker"):
        celery.safe_say = _say_at_once  # type: ignore[attr-defined]  # Celery has no types
    if is_first and not _is_command:
        logger.info("Process started", extra={"pid": os.getpid(), "python": sys.version.split()[0]})


class Printed(io.TextIOBase):
    """A text stream of which each line becomes a log line."""

    encoding = "utf-8"

    def __init__(self, original: Any, name: str, level: int) -> None:
        self._original, self._level = original, level
        self._logger = logging.getLogger(f"deltacrown.{name}")
        self._pending = ""

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._original.fileno())

    def write(self, text: str, /) -> int:
        *lines, self._pending = (self._pending + text).split("\n")
        if len(self._pending) > LONGEST_PRINTED:
            lines, self._pending = [*lines, self._pending], ""
        for line in lines:
            if line.strip():
                self._logger.log(self._level, "%s", line.rstrip())
        return len(text)

    def close(self) -> None:
        """The descriptor below goes on."""
        self.write("\n")


def _printed(stream: Any, name: str, level: int) -> Any:
    if stream is None or isinstance(stream, Printed) or stream.isatty():
        return stream
    return Printed(stream, name, level)


def _say_at_once(message: str, stream: Any = None) -> None:
    """For Celery, which writes past `sys.stdout` from its signal handlers."""
    record = logger.makeRecord("celery.worker", logging.INFO, "", 0, message, (), None)
    for handler in logging.root.handlers:
        if isinstance(handler, Descriptor) and handler.filter(record):
            handler.at_once(record)


def _tells_progress() -> bool:
    return len(sys.argv) > 1 and sys.argv[1] in TELL_PROGRESS


def _uncaught(
    kind: type[BaseException],
    fault: BaseException | None,
    trace: TracebackType | None,
    **fields: str,
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    if not _is_configured:
        _configure_without_settings()  # once more: .env may have been read since
    if isinstance(fault, Misconfigured):
        end_misconfigured(fault)
    fault = fault or kind()
    what = "Uncaught exception: %s: %s"
    logger.critical(what, kind.__name__, fault, exc_info=(kind, fault, trace), extra=fields)


def end_misconfigured(fault: Misconfigured) -> NoReturn:
    _tell_operator(fault)
    raise SystemExit(MISCONFIGURED)  # from an excepthook, that is the process's exit status


def _tell_operator(fault: Misconfigured) -> None:
    """In words to a person: who types a command, or looks at a terminal."""
    is_typed = _is_command and not _tells_progress()
    if is_typed or _format_without_settings() == "console" or os.isatty(STDERR):
        told = "".join(f"  {one}\n" for one in fault.faults)
        os.write(STDERR, f"{fault.what}:\n{told}".encode())
    else:
        logger.critical("%s", fault)


def _format_without_settings() -> str:
    by_default = "console" if os.environ.get("DEBUG", "").lower() in ("1", "true", "on") else "json"
    wanted = os.environ.get("LOG_FORMAT", "")
    return wanted if wanted in ("json", "console") else by_default


def _configure_without_settings() -> None:
    """For what goes wrong until they are read, or in them."""
    from apps.core.logging.config import config  # noqa: PLC0415 which imports this module

    ours = config(format=_format_without_settings(), levels={"": "WARNING"}, file="")
    # No level of a single logger: it would stay where the settings bring logging of their own.
    logging.config.dictConfig({**ours, "loggers": {}})
