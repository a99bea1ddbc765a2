"""`LOGGING` for daphne, Django, Celery and every library: JSON lines, or readable ones.

LOGGING_CONFIG = "apps.core.logging.config.configure"
LOGGING = config(format="json", levels={"": "INFO"}, file="")
"""

import logging.config
from typing import Any

from apps.core.logging import redaction
from apps.core.logging.formatters import ContextFilter, Json
from apps.core.logging.handlers import NonBlockingHandler, StdStreamHandler

CONSOLE = "apps.core.logging.console.Console"
ROTATION = "apps.core.logging.rotation.file"
MAX_BYTES = 10 * 1024 * 1024

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
    return any(isinstance(each, NonBlockingHandler) for each in logging.root.handlers)


def config(
    *, format: str, levels: dict[str, str], file: str, stream: str = "stdout"
) -> dict[str, Any]:
    """`dictConfig` input. `format` is json or console. `levels` are by logger. `file` adds a
    rotating file of JSON lines, which several processes may share."""
    common = {"filters": ["context"]}
    console = {"()": NonBlockingHandler, "target": StdStreamHandler(stream), "label": "console"}
    outputs: dict[str, Any] = {"console": {"formatter": format, **common, **console}}
    if file:
        rotation = {"()": ROTATION, "maxBytes": MAX_BYTES, "backupCount": 5}
        outputs["file"] = {"filename": file, "formatter": "json", **common, **rotation}
    loggers: dict[str, Any] = {name: {"level": level} for name, level in (QUIET | levels).items()}
    for name in OWN_HANDLERS:
        loggers[name] = {"propagate": True, "handlers": []} | loggers.get(name, {})
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": ContextFilter}},
        "formatters": {"json": {"()": Json}, "console": {"()": CONSOLE}},
        "handlers": outputs,
        "root": {"handlers": list(outputs)} | loggers.pop("", {"level": "INFO"}),
        "loggers": loggers,
    }


def configure(definition: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG. Python's warnings become log lines too."""
    redaction.secrets.cache_clear()  # .env may have been read since the first line
    logging.config.dictConfig(definition)
    logging.captureWarnings(capture=True)
