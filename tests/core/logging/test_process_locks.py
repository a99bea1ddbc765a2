"""A process that is stopped in its turn keeps nobody from theirs for longer than PATIENCE."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.core.logging.handlers import PATIENCE, Descriptor, RotatingFile
from tests import samples

HOLDS = """
import fcntl, sys, time
fcntl.{how}(int(sys.argv[1]), fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def stopped_in_its_turn(descriptor: int, how: str) -> Iterator[None]:
    command = [sys.executable, "-c", HOLDS.format(how=how), str(descriptor)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=[descriptor]) as sibling:
        assert sibling.stdout
        assert sibling.stdout.readline() == b"held\n"
        sibling.send_signal(signal.SIGSTOP)
        yield
        sibling.kill()


def seconds_for(handler: logging.Handler, *messages: str) -> float:
    began = time.monotonic()
    for message in messages:
        handler.handle(logging.makeLogRecord({"msg": message}))
    return time.monotonic() - began


def lost(handler: str) -> float:
    return samples.value("log_lines_lost_total", handler=handler) or 0


def test_the_console_takes_short_lines_and_loses_long_ones() -> None:
    reader, writer = os.pipe()
    handler, before = Descriptor(1), lost("console")
    handler.descriptor, handler._is_open = writer, True
    with stopped_in_its_turn(Descriptor._turns, "lockf"):
        took = seconds_for(handler, "one", "x" * 5000, "two")
    assert PATIENCE <= took < 2 * PATIENCE
    assert os.read(reader, 10_000) == b"one\ntwo\n"
    assert lost("console") == before + 1
    assert seconds_for(handler, "x" * 5000) < PATIENCE
    assert len(os.read(reader, 10_000)) == 5001


def test_the_file_loses_lines_until_it_has_a_turn_again(tmp_path: Path) -> None:
    handler, before = RotatingFile(str(tmp_path / "log")), lost("file")
    seconds_for(handler, "one")
    [beside] = [path for path in tmp_path.iterdir() if path.name != "log"]
    with beside.open("a") as file, stopped_in_its_turn(file.fileno(), "flock"):
        took = seconds_for(handler, "two", "three")
    assert PATIENCE <= took < 2 * PATIENCE
    assert lost("file") == before + 2
    seconds_for(handler, "four")
    handler.close()
    assert (tmp_path / "log").read_text() == "one\nfour\n"
