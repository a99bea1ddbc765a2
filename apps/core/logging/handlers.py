"""Handlers that never wait for a reader, a disk or another process: a thread writes their lines.

A line is dropped, and counted in `log_lines_lost_total`, where MAX_QUEUED others wait before it
or where it cannot be written.
"""

import fcntl
import logging
import os
import sys
from contextlib import suppress
from logging.handlers import QueueHandler, QueueListener
from queue import Full, SimpleQueue
from typing import Any
from weakref import WeakSet

from concurrent_log_handler import ConcurrentRotatingFileHandler

from apps.core.logging.metrics import log_lines_lost

MAX_QUEUED = 10_000  # lines of each handler
FLUSH_SECONDS = 1.0  # how long the end of a process waits for queued lines


class NonBlockingHandler(QueueHandler):
    """Formats in the caller's thread, and writes through `target` in a thread of its own."""

    def __init__(self, target: logging.Handler, label: str) -> None:
        # A signal handler or a finalizer may log while it interrupts a put(): queue.Queue would
        # deadlock.
        super().__init__(SimpleQueue())
        self._target, self._label = target, label
        self._listener: _Listener | None = None
        target.handleError = self.handleError  # type: ignore[method-assign]
        _handlers.add(self)

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return logging.makeLogRecord({"msg": self.format(record)})

    def enqueue(self, record: logging.LogRecord) -> None:
        if self.queue.qsize() >= MAX_QUEUED:
            raise Full
        if self._listener is None:
            self._listener = _Listener(self.queue, self._target)
            self._listener.start()
        self.queue.put_nowait(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 logging's name
        log_lines_lost.labels(self._label).inc()

    def close(self) -> None:
        self.write_queued()
        super().close()

    def write_queued(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.stop()

    def after_fork(self) -> None:
        """A child has no listener thread. The parent writes the lines in the old queue."""
        self.queue, self._listener = SimpleQueue(), None


class _Listener(QueueListener):
    def handle(self, record: logging.LogRecord) -> None:
        """Without the handler's lock: logging.shutdown() would wait for it forever."""
        for handler in self.handlers:
            handler.emit(record)

    def stop(self) -> None:
        self.enqueue_sentinel()
        if self._thread is not None:
            self._thread.join(FLUSH_SECONDS)


class StdStreamHandler(logging.Handler):
    """Writes to the descriptor, as a blocked `sys.stdout` would block the interpreter's end. A lock
    keeps processes that share the stream from writing into each other's lines."""

    def __init__(self, stream: str) -> None:
        super().__init__()
        self._descriptor = {"stdout": 1, "stderr": 2}[stream]
        # Closed at the start, its number is now the number of another file.
        self._is_open = getattr(sys, f"__{stream}__") is not None
        self._is_torn = False

    def emit(self, record: logging.LogRecord) -> None:
        line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
        try:
            if not self._is_open:
                raise OSError("closed at the start of the process")
            self._lock(fcntl.LOCK_EX)
            try:
                self._write(b"\n" + line if self._is_torn else line)
            finally:
                self._lock(fcntl.LOCK_UN)
        except OSError:
            self.handleError(record)

    def _write(self, rest: bytes) -> None:
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
            self._is_torn = bool(rest)

    def _lock(self, operation: int) -> None:
        with suppress(OSError):  # not every system can lock a pipe
            fcntl.lockf(self._descriptor, operation)


class RotatingFileHandler(ConcurrentRotatingFileHandler):
    """Several processes may write and rotate the file."""

    _start = ""

    def do_write(self, msg: str) -> None:
        try:
            super().do_write(self._start + msg)
            self._start = ""
        except OSError:
            self._start = "\n"  # the line may have been cut off
            if self.stream is not None:  # whose finalizer would write its buffer again
                with suppress(OSError):
                    self.stream.close()
            raise


def console(stream: str, **_: Any) -> NonBlockingHandler:
    return NonBlockingHandler(StdStreamHandler(stream), "console")


def file(filename: str, **options: Any) -> NonBlockingHandler:
    return NonBlockingHandler(RotatingFileHandler(filename, **options), "file")


_handlers: WeakSet[NonBlockingHandler] = WeakSet()


def flush() -> None:
    """Before os._exit(), by which the children of a Celery worker end. Takes FLUSH_SECONDS at most
    for each handler."""
    for handler in _handlers:
        handler.write_queued()


def _after_fork() -> None:
    for handler in _handlers:
        handler.after_fork()


os.register_at_fork(after_in_child=_after_fork)
