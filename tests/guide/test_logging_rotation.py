"""Several processes write and rotate the guide's file of 10 MB: no line is lost, torn or written
twice. The same for a stdout that they share."""

import logging
import select
import subprocess
from collections import Counter
from logging.handlers import RotatingFileHandler
from pathlib import Path

from stack.waiting import wait_until
from tests.guide.logging_tools import lines_of, logging_process, parsed_lines
from tests.programs import ROOT, run

PROCESSES, THREADS, LINES = 4, 3, 400

WRITER = """
import sys, threading
definition = config(format="json", levels={}, file=sys.argv[1])
definition["handlers"]["file"].update(maxBytes=60_000, backupCount=500)
definition["root"]["handlers"] = ["file"]
configure(definition)
name, threads, lines = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
def write(thread):
    for number in range(lines):
        log.info("line", extra={"key": f"{name}-{thread}-{number}", "filler": "x" * (number % 700)})
writers = [threading.Thread(target=write, args=(n,)) for n in range(threads)]
[writer.start() for writer in writers]
[writer.join() for writer in writers]
"""

CHILDREN = """
import os
children = []
for child in range(4):
    pid = os.fork()
    if not pid:
        for number in range(100):
            log.info("line", extra={"key": f"{child}-{number}", "filler": ["x" * 900] * 13})
        logging.shutdown()
        os._exit(0)
    children.append(pid)
assert not any(os.waitpid(pid, 0)[1] for pid in children)
"""


def test_no_line_is_lost_torn_or_written_twice_while_the_file_rotates(tmp_path: Path) -> None:
    target = tmp_path / "logs" / "deltacrown.log"
    writers = [
        subprocess.Popen(
            [*logging_process(WRITER), str(target), str(number), str(THREADS), str(LINES)],
            cwd=ROOT, stdout=subprocess.DEVNULL,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    assert [writer.wait(120) for writer in writers] == [0] * PROCESSES
    files = list(target.parent.glob("deltacrown.log*"))
    keys = Counter(line["key"] for file in files for line in lines_of(file))
    assert len(files) > 20
    assert len(keys) == PROCESSES * THREADS * LINES
    assert set(keys.values()) == {1}


def test_the_handler_of_the_standard_library_loses_lines_if_two_rotate_together(
    tmp_path: Path,
) -> None:
    """So the guide's handler is not used. Each handler stands for that of a process."""
    target = tmp_path / "deltacrown.log"
    first, second = (RotatingFileHandler(target, backupCount=500) for _ in range(2))
    first.emit(logging.makeLogRecord({"msg": "the line"}))
    renames = iter([second.doRollover])

    def second_rotates_first(source: str, destination: str) -> None:
        next(renames, lambda: None)()
        Path(source).rename(destination)

    first.rotator = second_rotates_first
    first.doRollover()
    first.close()
    second.close()
    kept = [file.read_text() for file in tmp_path.iterdir()]
    assert "the line\n" not in kept


def test_processes_share_a_stdout_without_tearing_long_lines() -> None:
    done = run(*logging_process(CHILDREN))
    assert done.returncode == 0, done.stderr
    assert min(len(text) for text in done.stdout.splitlines()) > 2 * select.PIPE_BUF
    lines = parsed_lines(done.stdout)
    assert len(lines) == 400
    assert {line["key"] for line in lines} == {
        f"{child}-{number}" for child in range(4) for number in range(100)
    }


def test_a_killed_process_leaves_no_incomplete_line(tmp_path: Path) -> None:
    target = tmp_path / "killed.log"
    with target.open("wb") as output:
        process = subprocess.Popen(
            logging_process("while True: log.info('x' * 4000)"), cwd=ROOT, stdout=output
        )
    assert wait_until(lambda: target.stat().st_size > 100_000, 60)
    process.kill()
    process.wait(10)
    assert target.read_text().endswith("\n")
    assert lines_of(target)
