"""Several processes write and rotate the guide's file of 10 MB: no line is lost, torn or written
twice. The same for a stdout that they share."""

import json
import select
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.guide.logging_tools import ROOT, parsed, production

PROCESSES, THREADS, LINES = 4, 3, 400

WRITER = """
import logging, sys, threading
from django.conf import settings
settings.LOGGING["handlers"]["file"].update(maxBytes=60_000, backupCount=500)
settings.LOGGING["root"]["handlers"] = ["file"]
import django
django.setup()
name, threads, lines = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
log = logging.getLogger("apps.shop")
def write(thread):
    for number in range(lines):
        log.info("line", extra={"key": f"{name}-{thread}-{number}", "filler": "x" * (number % 700)})
writers = [threading.Thread(target=write, args=(n,)) for n in range(threads)]
[writer.start() for writer in writers]
[writer.join() for writer in writers]
"""

CHILDREN = """
import logging, os, django
django.setup()
log = logging.getLogger("apps.shop")
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
    environment = production(
        DJANGO_SETTINGS_MODULE="deltacrown.settings", LOG_FILE=str(target)
    )  # fmt: skip
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(number), str(THREADS), str(LINES)],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    assert [writer.wait(120) for writer in writers] == [0] * PROCESSES
    files = list(target.parent.glob("deltacrown.log*"))
    keys = Counter(parsed(text)["key"] for file in files for text in file.read_text().splitlines())
    assert len(files) > 20
    assert len(keys) == PROCESSES * THREADS * LINES
    assert set(keys.values()) == {1}


def test_the_handler_of_the_standard_library_loses_lines(tmp_path: Path) -> None:
    """So the guide's handler is not used. A line is lost only if two processes rotate together, so
    the test is repeated."""
    folders = (tmp_path / str(attempt) for attempt in range(10))
    assert any(_count_with_standard_handler(folder) < 4 * 3000 for folder in folders)


def _count_with_standard_handler(folder: Path) -> int:
    """How many lines remain if each of four processes logs 3,000."""
    folder.mkdir()
    target = folder / "deltacrown.log"
    script = (
        "import logging, logging.handlers, sys\n"
        "handler = logging.handlers.RotatingFileHandler(sys.argv[1], maxBytes=3000,"
        " backupCount=500)\n"
        "log = logging.getLogger(); log.addHandler(handler)\n"
        "for number in range(3000): log.warning(f'{sys.argv[2]}-{number}')\n"
    )
    command = [sys.executable, "-c", script, str(target)]
    with (folder / "errors").open("wb") as errors:
        writers = [subprocess.Popen([*command, str(number)], stderr=errors) for number in range(4)]
        assert [writer.wait(60) for writer in writers] == [0] * 4
    kept = {text for file in folder.glob("*.log*") for text in file.read_text().splitlines()}
    return len(kept)


def test_processes_share_a_stdout_without_tearing_long_lines(
    tmp_path: Path,
) -> None:
    environment = production(DJANGO_SETTINGS_MODULE="deltacrown.settings")
    process = subprocess.Popen(
        [sys.executable, "-c", CHILDREN], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    lines = output.decode().splitlines()
    assert min(len(text) for text in lines) > 2 * select.PIPE_BUF
    assert {json.loads(text)["key"] for text in lines} == {
        f"{child}-{number}" for child in range(4) for number in range(100)
    }
    assert len(lines) == 400
