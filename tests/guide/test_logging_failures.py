"""A log line that cannot be written never affects a request."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from stack.ports import free_port
from stack.prometheus import samples
from stack.waiting import wait_until
from tests.guide.logging_tools import PRODUCTION, logging_process, parsed, parsed_lines
from tests.programs import ROOT, run
from tests.stacks import on_sqlite

LOST = ("log_lines_lost_total", "console")
START = """
from apps.core.logging.handlers import flush, log_lines_lost
def five(what):
    for number in range(5): log.info(what)
    flush()
"""


@pytest.mark.parametrize(
    "redirection",
    [">/dev/full", "> >(true)", ">&-"],
    ids=["full disk", "reader that ends", "closed"],
)
def test_without_a_writable_stdout_requests_work_and_lost_lines_are_counted(
    tmp_path: Path, redirection: str
) -> None:
    """The number of a closed stdout is not mistaken for that of the next file."""
    port = free_port()
    with on_sqlite(tmp_path) as stack:
        stack.environment |= PRODUCTION
        command = ["bash", "-c", f"exec bin/web {redirection}"]
        web = stack.run("web", command, port, PORT=str(port))
        before = samples(web, "/metrics/")[LOST]
        for _ in range(5):
            assert httpx.get(f"{web.url}/nowhere", timeout=180).status_code == 404
        assert wait_until(lambda: samples(web, "/metrics/")[LOST] >= before + 5, 60)


def test_with_a_full_disk_for_the_log_file_stdout_has_every_line(tmp_path: Path) -> None:
    file = tmp_path / "full.log"
    file.symlink_to("/dev/full")
    script = "five('line'); log.info('%s lost', log_lines_lost.labels('file')._value.get())"
    lines = parsed_lines(run(*logging_process(START + script, file)).stdout)
    assert [line["message"] for line in lines] == ["line"] * 5 + ["5.0 lost"]


def test_the_log_file_returns_with_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    script = f"""
from pathlib import Path
folder = Path({str(folder)!r})
five("before")
folder.rename(folder.parent / "away")
five("lost")
folder.mkdir()
five("after")
"""
    done = run(*logging_process(START + script, folder / "web.log"))
    assert done.returncode == 0, done.stderr
    lines = parsed_lines((folder / "web.log").read_text().lstrip("\n"))
    assert [line["message"] for line in lines] == ["after"] * 5


@pytest.mark.parametrize("stream", ["stdout", "file"])
def test_the_line_after_a_full_disk_begins_on_a_new_line(tmp_path: Path, stream: str) -> None:
    """A limit on the file size has the effect of a disk that is full in the middle of a line."""
    script = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (500, resource.RLIM_INFINITY))
log.info("first"); log.info("x" * 999); log.info("lost"); flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
log.info("after")
"""
    target = tmp_path / "out.log"
    command = logging_process(START + script, target if stream == "file" else "")
    with (tmp_path / "stdout.log" if stream == "file" else target).open("wb") as stdout:
        subprocess.run(command, cwd=ROOT, stdout=stdout, timeout=180, check=True)
    first, cut, *rest = [text for text in target.read_text().splitlines() if text]
    assert parsed(first)["message"] == "first"
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut)
    assert [parsed(text)["message"] for text in rest] == ["after"]
