"""What becomes of a request whose log line cannot be written: nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from stack.ports import free_port, wait_for_port
from tests.guide.logging_tools import ROOT, parsed, production

CROWD = 600


class Web:
    def __init__(self, port: int) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)

    def works(self) -> None:
        for _ in range(5):
            assert self.http.get("/nowhere").status_code == 404

    def lost(self, handler: str) -> float:
        families = text_string_to_metric_families(self.http.get("/metrics/").text)
        samples = [sample for family in families for sample in family.samples]
        [value] = [
            sample.value
            for sample in samples
            if sample.name == "log_lines_lost_total" and sample.labels == {"handler": handler}
        ]
        return value


@contextmanager
def web(
    folder: Path, stdout: Any, *, command: str = "exec bin/web", **variables: str
) -> Iterator[Web]:
    port = free_port()
    environment = production(
        PORT=str(port), SQLITE_PATH=str(folder / "db.sqlite3"), STATIC_ROOT=str(folder), **variables
    )
    process = subprocess.Popen(
        ["sh", "-c", command], cwd=ROOT, env=environment, stdout=stdout, stderr=subprocess.DEVNULL
    )
    try:
        wait_for_port(port, process, folder / "none.log")
        running = Web(port)
        yield running
        running.http.close()
    finally:
        process.kill()
        process.wait(10)


def test_a_full_disk_below_stdout_takes_no_request_down(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full, web(tmp_path, full) as running:
        running.works()
        assert running.lost("console") >= 5


def test_a_stdout_whose_reader_is_gone_takes_no_request_down(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with web(tmp_path, writer) as running:
        os.close(writer)
        running.works()
        assert running.lost("console") >= 5


def test_a_stdout_that_was_never_open_is_not_mistaken_for_the_next_file(tmp_path: Path) -> None:
    with web(tmp_path, None, command="exec bin/web >&-") as running:
        running.works()
        assert running.lost("console") >= 5


def test_a_reader_that_does_not_read_delays_once_and_holds_nobody_up(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with web(tmp_path, writer) as running:
        os.close(writer)
        for _ in range(CROWD):
            running.http.get("/nowhere")
        lost = running.lost("console")
        assert lost > 0
        before = _read(reader).decode()
        running.works()
        assert running.lost("console") == lost
        after = _read(reader).decode()
    os.close(reader)
    *whole, torn = before.split("\n")
    assert all(parsed(text) for text in whole)
    assert len(whole) < CROWD
    # What was cut off when the pipe was full is ended before anything else is written.
    assert not torn or after.startswith("\n")
    told = [parsed(text) for text in after.splitlines() if text]
    assert [one["path"] for one in told if "path" in one] == ["/nowhere"] * 5


def _read(descriptor: int) -> bytes:
    os.set_blocking(descriptor, False)
    found = b""
    try:
        while chunk := os.read(descriptor, 65536):
            found += chunk
    except BlockingIOError:
        pass
    return found


def test_a_full_disk_below_the_log_file_takes_no_request_down_and_stdout_goes_on(
    tmp_path: Path,
) -> None:
    (tmp_path / "full.log").symlink_to("/dev/full")
    output = tmp_path / "stdout"
    variables = {"LOG_FILE": str(tmp_path / "full.log")}
    with output.open("wb") as stdout, web(tmp_path, stdout, **variables) as running:
        running.works()
        assert running.lost("file") >= 5
        assert running.lost("console") == 0
    told = [parsed(text) for text in output.read_text().splitlines()]
    assert len([one for one in told if one.get("path") == "/nowhere"]) == 5
    assert not [one for one in told if one["level"] == "CRITICAL"]


def test_a_folder_that_is_taken_away_is_no_fault_and_one_that_comes_back_is_used(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "logs"
    with web(tmp_path, subprocess.DEVNULL, LOG_FILE=str(folder / "web.log")) as running:
        running.works()
        folder.rename(tmp_path / "away")
        running.works()
        assert running.lost("file") >= 5
        folder.mkdir()
        running.works()
        told = [json.loads(text) for text in (folder / "web.log").read_text().splitlines()]
    assert [one["path"] for one in told if "path" in one][-5:] == ["/nowhere"] * 5


@pytest.mark.parametrize("stream", ["stdout", "file"])
def test_after_a_full_disk_the_next_line_is_a_line_of_its_own(tmp_path: Path, stream: str) -> None:
    """The disk is full in the middle of a line: a limit on the size of files does just that."""
    target = tmp_path / "out.log"
    script = (
        "import django, logging, os, resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "django.setup()\n"
        "log = logging.getLogger('apps.shop')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (500, resource.RLIM_INFINITY))\n"
        "log.info('first'); log.info('x' * 999); log.info('lost')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
        "log.info('after')\n"
    )
    variables = {"LOG_FILE": str(target)} if stream == "file" else {}
    output: IO[bytes] | int = target.open("wb") if stream == "stdout" else subprocess.DEVNULL
    environment = production(DJANGO_SETTINGS_MODULE="deltacrown.settings", **variables)
    subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=output, timeout=60,
        check=True,
    )  # fmt: skip
    first, cut, *rest = [text for text in target.read_text().splitlines() if text]
    assert parsed(first)["message"] == "first"
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut)
    assert [parsed(text)["message"] for text in rest] == ["after"]
