"""Handlers that never wait for a reader, a disk or another process: a thread writes their lines.

A line is dropped, and counted in `log_lines_lost_total`, where MAX_QUEUED others wait before it
or where it cannot be written.
"""

import fcntl
import logging
import os
import sys
from contextlib import suppress
from logging.handlers import QueueHandler
from queue import Full, SimpleQueue
from select import select
from threading import Thread
from weakref import WeakSet

from prometheus_client import Counter

MAX_QUEUED = 10_000  # lines of each handler
FLUSH_SECONDS = 1.0  # how long the end of a process waits for queued lines
FULL_SECONDS = 1.0  # how long a line waits for space in a non-blocking stream

log_lines_lost = Counter(
    "log_lines_lost_total", "Total number of log lines that could not be written.", ["handler"]
)
for _handler in ("console", "file"):
    log_lines_lost.labels(_handler)

_handlers: "WeakSet[NonBlockingHandler]" = WeakSet()


class NonBlockingHandler(QueueHandler):
    """Formats in the caller's thread, and writes through `target` in a thread of its own."""

    def __init__(self, target: logging.Handler, label: str) -> None:
        # With queue.Queue, a signal handler that logs during a put() would deadlock.
        super().__init__(SimpleQueue())
        self._target, self._label = target, label
        self._thread: Thread | None = None
        target.handleError = self.handleError  # type: ignore[method-assign]
        _handlers.add(self)

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return logging.makeLogRecord({"msg": self.format(record)})

    def enqueue(self, record: logging.LogRecord) -> None:
        if self.queue.qsize() >= MAX_QUEUED:  # type: ignore[attr-defined]  # a SimpleQueue
            raise Full
        if self._thread is None:
            self._thread = Thread(target=self._write_queued, name="log", daemon=True)
            self._thread.start()
        self.queue.put_nowait(record)

    def _write_queued(self) -> None:
        while (record := self.queue.get()) is not None:
            self._target.emit(record)  # handle() would wait for a lock that logging.shutdown() has

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 logging's name
        log_lines_lost.labels(self._label).inc()

    def close(self) -> None:
        """Waits for the queued lines, but no longer than FLUSH_SECONDS."""
        if self._thread is not None:
            self.queue.put_nowait(None)
            self._thread.join(FLUSH_SECONDS)
            self._thread = None
        super().close()


class StdStreamHandler(logging.Handler):
    """Writes to the descriptor, as a blocked `sys.stdout` would block the interpreter's end. A lock
    keeps processes that share the stream from writing into each other's lines."""

    def __init__(self, stream: str) -> None:
        super().__init__()
        is_open = getattr(sys, f"__{stream}__") is not None
        # The number of a stream that was closed at the start is now the number of another file.
        self._descriptor = {"stdout": 1, "stderr": 2}[stream] if is_open else -1
        self._is_torn = False

    def emit(self, record: logging.LogRecord) -> None:
        start = "\n" if self._is_torn else ""
        rest = f"{start}{self.format(record)}\n".encode("utf-8", "backslashreplace")
        self._lock(fcntl.LOCK_EX)
        try:
            while rest:
                rest = rest[self._write(rest) :]
                self._is_torn = bool(rest)
        except OSError:
            self.handleError(record)
        finally:
            self._lock(fcntl.LOCK_UN)

    def _write(self, data: bytes) -> int:
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:  # another program made the stream non-blocking
            if not select([], [self._descriptor], [], FULL_SECONDS)[1]:
                raise
            return 0

    def _lock(self, operation: int) -> None:
        with suppress(OSError, ValueError):  # not every system can lock a pipe
            fcntl.lockf(self._descriptor, operation)


def flush() -> None:
    """For a process that ends by os._exit(), as the children of a Celery worker do."""
    for handler in _handlers:
        handler.close()


def _after_fork() -> None:
    """A child has no thread. The parent writes the lines in the old queue."""
    for handler in _handlers:
        handler.queue, handler._thread = SimpleQueue(), None


os.register_at_fork(after_in_child=_after_fork)
