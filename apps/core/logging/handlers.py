"""Where lines go. A line that cannot be written is lost and counted; nothing else comes of it.

Processes that share a stream or a file write one line at a time. Neither handler raises, nor waits
longer than PATIENCE for whoever reads, or for a process that was stopped in its turn; after that it
does not wait until it gets a turn again. Without one, a line that the console takes in one piece is
written all the same, as nothing can come between; any other is lost, and counted.
"""

import fcntl
import logging
import os
import select
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from concurrent_log_handler import ConcurrentRotatingFileHandler
from portalocker import LOCK_EX, LOCK_NB, AlreadyLocked, lock

PATIENCE = 1.0
ASKS_AGAIN = 0.005
IN_ONE_PIECE = select.PIPE_BUF  # what a pipe that is ready to be written takes without waiting


def _nameless_file() -> Any:
    """In memory where there is such a thing: a container's disk may be read-only."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("turns")
    return tempfile.TemporaryFile()


class Turn:
    """A lock among processes, which is waited for no longer than PATIENCE, and not at all after it
    was waited for in vain."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._came = True

    def take(self) -> bool:
        deadline = time.monotonic() + (PATIENCE if self._came else 0)
        self._came = self._try()
        while not self._came and time.monotonic() < deadline:
            time.sleep(ASKS_AGAIN)
            self._came = self._try()
        return self._came

    def leave(self) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _try(self) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


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
        self._turn = Turn(self._turns)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
            is_ours = self._turn.take()
            try:
                if not is_ours and len(line) >= IN_ONE_PIECE:
                    raise TimeoutError("another process does not end its turn")
                self._write(line)
            finally:
                if is_ours:
                    self._turn.leave()
        except Exception:  # logging's contract: no line costs its caller anything
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 logging's name
        count_lost("console")

    def at_once(self, record: logging.LogRecord) -> None:
        """For a signal's handler, which may have interrupted `emit` itself."""
        try:
            os.write(self.descriptor, f"{self.format(record)}\n".encode())
        except OSError:
            count_lost("console")

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
    _turn_came = True

    def _lock_stream_lock(self, stream_lock: Any) -> None:
        """As the library's, with an end: it waits for as long as the other process lives."""
        deadline = time.monotonic() + (PATIENCE if self._turn_came else 0)
        while True:
            try:
                lock(stream_lock, LOCK_EX | LOCK_NB)
            except AlreadyLocked:
                self._turn_came = False
                if time.monotonic() >= deadline:
                    raise TimeoutError("another process does not end its turn") from None
                time.sleep(ASKS_AGAIN)
            else:
                self._turn_came = True
                return

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
    streams: dict[int, Any] = {1: sys.__stdout__, 2: sys.__stderr__}
    return streams.get(descriptor) is not None
