"""Where lines go. A line that cannot be written is lost and counted; nothing else comes of it.

Processes that share a stream or a file write one line at a time. Neither handler raises, nor waits
longer than PATIENCE for whoever reads.
"""

import fcntl
import logging
import os
import select
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from concurrent_log_handler import ConcurrentRotatingFileHandler

PATIENCE = 1.0
IN_ONE_PIECE = select.PIPE_BUF  # what a pipe that is ready to be written takes without waiting


def _nameless_file() -> Any:
    """In memory where there is such a thing: a container's disk may be read-only."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("turns")
    return tempfile.TemporaryFile()


class Descriptor(logging.Handler):
    """Writes to standard output, or error, whatever `sys.stdout` has become."""

    # Children inherit it, and a lock of this kind is a process's, so it keeps them apart.
    _turns = _nameless_file()

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.descriptor = descriptor
        self._is_open = _is_open(descriptor)
        self._ready = True  # whether the reader took the last line
        self._torn = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
            with self._turn():
                self._write(f"{line}\n".encode("utf-8", "backslashreplace"))
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 logging's name
        count_lost("console")

    def at_once(self, record: logging.LogRecord) -> None:
        """For a signal's handler, which may have interrupted `emit` itself."""
        try:
            os.write(self.descriptor, f"{self.format(record)}\n".encode())
        except OSError:
            count_lost("console")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        fcntl.lockf(self._turns, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._turns, fcntl.LOCK_UN)

    def _write(self, line: bytes) -> None:
        if not self._is_open:
            raise OSError("closed when the process began")
        # A line that was cut off would swallow the next one.
        rest = memoryview(b"\n" + line if self._torn else line)
        deadline = time.monotonic() + (PATIENCE if self._ready else 0)
        whole = len(rest)
        try:
            while rest:
                self._wait_until(deadline)
                rest = rest[os.write(self.descriptor, rest[:IN_ONE_PIECE]) :]
        finally:
            self._torn = 0 < len(rest) < whole or (self._torn and len(rest) == whole)

    def _wait_until(self, deadline: float) -> None:
        poll = select.poll()
        poll.register(self.descriptor, select.POLLOUT)
        self._ready = bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))
        if not self._ready:
            raise TimeoutError("nobody reads")


class RotatingFile(ConcurrentRotatingFileHandler):
    """`RotatingFileHandler` for several processes: a lock beside the file keeps writing and
    rotating apart."""

    _has_failed = False

    def do_write(self, msg: str) -> None:
        super().do_write(f"\n{msg}" if self._has_failed and self._is_torn() else msg)
        self._has_failed = False

    def _is_torn(self) -> bool:
        with Path(self.baseFilename).open("rb") as file:
            if not file.seek(0, os.SEEK_END):
                return False
            file.seek(-1, os.SEEK_END)
            return file.read() != b"\n"

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 logging's name
        self._has_failed = True
        # With what is left in its buffer, which would be written twice. The library drops it as it
        # is, and leaves it to a finalizer, whose complaint is one more line for the same file.
        if self.stream is not None:
            with suppress(OSError):
                self.stream.close()
        self._close()
        count_lost("file")


def count_lost(handler: str) -> None:
    from apps.core.metrics import log_lines_lost  # noqa: PLC0415 settings import this module

    log_lines_lost.labels(handler).inc()


def _is_open(descriptor: int) -> bool:
    """If it was not when Python started, it is by now somebody else's file or socket."""
    import sys  # noqa: PLC0415

    streams: dict[int, Any] = {1: sys.__stdout__, 2: sys.__stderr__}
    return streams.get(descriptor) is not None
