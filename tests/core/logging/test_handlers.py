"""A log handler never delays its caller, and counts the lines that it loses."""

import os
import subprocess
from typing import Any

from tests.guide.logging_tools import logging_process, parsed, parsed_lines
from tests.programs import ROOT

IMPORTS = """
import os, signal, subprocess, sys
from apps.core.logging.handlers import MAX_QUEUED, flush, log_lines_lost
"""


def run(script: str, stdout: Any = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        logging_process(IMPORTS + script), cwd=ROOT,
        stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=180, check=True,
    )  # fmt: skip


def messages(output: str) -> list[str]:
    return [line["message"] for line in parsed_lines(output)]


def test_a_reader_that_never_reads_delays_neither_a_line_nor_the_end_of_the_process() -> None:
    """What does not fit into the pipe and the queue is lost and counted."""
    script = """
for number in range(MAX_QUEUED + 1000):
    log.info("line %s", number)
print(log_lines_lost.labels("console")._value.get(), file=sys.stderr)
"""
    reader, writer = os.pipe()
    ended = run(script, stdout=writer)
    os.close(writer)
    lost = float(ended.stderr)
    with os.fdopen(reader) as pipe:
        *whole, _torn = pipe.read().split("\n")
    assert 0 < lost < 1000
    assert messages("\n".join(whole)) == [f"line {number}" for number in range(len(whole))]


def test_a_non_blocking_stream_loses_no_line_while_its_reader_reads() -> None:
    script = """
os.set_blocking(1, False)
for number in range(MAX_QUEUED):
    log.info("line %s", number)
"""
    assert messages(run(script).stdout) == [f"line {number}" for number in range(10_000)]


def test_a_forked_child_writes_its_own_lines_once() -> None:
    script = """
log.info("parent")
if os.fork():
    os.wait()
else:
    log.info("child")
    flush()
    os._exit(0)
"""
    written = messages(run(script).stdout)
    assert (written.count("parent"), written.count("child")) == (1, 1)


def test_a_signal_handler_can_log_while_it_interrupts_a_line() -> None:
    script = """
signal.signal(signal.SIGALRM, lambda *_: log.info("interrupted"))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
for number in range(2000):
    log.info("line")
signal.setitimer(signal.ITIMER_REAL, 0)
"""
    written = messages(run(script).stdout)
    assert written.count("line") == 2000
    assert "interrupted" in written


def test_a_process_that_stops_while_it_writes_delays_no_other() -> None:
    """Its lines follow when the stopped process goes on."""
    script = """
holder = "import fcntl, os, time; fcntl.lockf(1, fcntl.LOCK_EX); os.write(2, b'.'); time.sleep(60)"
sibling = subprocess.Popen([sys.executable, "-c", holder], stderr=subprocess.PIPE)
sibling.stderr.read(1)
sibling.send_signal(signal.SIGSTOP)
log.info("line")
sibling.kill()
sibling.wait()
"""
    ended = run(script)
    assert messages(ended.stdout) == ["line"]


def test_a_value_is_rendered_before_it_changes() -> None:
    script = """
names = ["before"]
log.info("line", extra={"names": names})
names.append("after")
"""
    assert parsed(run(script).stdout)["names"] == ["before"]
