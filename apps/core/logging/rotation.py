"""A log file of limited size, which several processes may write and rotate."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from concurrent_log_handler import ConcurrentRotatingFileHandler

from apps.core.logging.handlers import NonBlockingHandler


class RotatingFileHandler(ConcurrentRotatingFileHandler):
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


def file(filename: str, **options: Any) -> NonBlockingHandler:
    Path(filename).parent.mkdir(parents=True, exist_ok=True)
    return NonBlockingHandler(RotatingFileHandler(filename, encoding="utf-8", **options), "file")
