"""The readable line format, for development."""

import logging
import re
import time

from apps.core.logging.formatters import MAX_TRACEBACK, MISSING, OMITTED, cut
from apps.core.logging.redaction import plain, text

MAX_READABLE = 300  # characters of one value
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CONTROL_IN_LINE = re.compile(rf"(?!\n){_CONTROL.pattern}")
_HIDDEN = {*vars(logging.makeLogRecord({})), *OMITTED, "message", "asctime", "taskName",
           "request_id"}  # fmt: skip


class Console(logging.Formatter):
    """The guide's line, with the fields of `extra` and the request id. A message cannot forge a
    second line: only a traceback has several, all indented."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("{levelname} {asctime} {module} {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        line, _, trace = super().format(record).partition("\n")
        if not trace:
            return line
        lines = _CONTROL_IN_LINE.sub(" ", text(trace, MAX_TRACEBACK)).split("\n")
        return "\n".join([line, *(f"    {line}" for line in lines)])

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 logging's name
        fields = {k: v for k, v in record.__dict__.items() if k not in _HIDDEN}
        if fields.get("trace_id") == MISSING:
            del fields["trace_id"]
        pairs = [f"{name}={cut(value, MAX_READABLE)}" for name, value in plain(fields).items()]
        request_id = text(record.__dict__.get("request_id", MISSING))
        line = " ".join([text(record.message), *pairs, f"[{request_id}]"])
        record.message = _CONTROL.sub(" ", line)
        return super().formatMessage(record)
