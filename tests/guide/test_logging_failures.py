"""A log line that cannot be written never affects a request."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from stack.ports import free_port, wait_for_port
from stack.waiting import eventually
from tests.guide.logging_tools import ROOT, parsed, production

REQUESTS = 600


class Web:
    def __init__(self, port: int) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=180)

    def check_requests(self) -> None:
        for _ in range(5):
            assert self.http.get("/nowhere").status_code == 404

    def lost(self, handler: str) -> float:
        families = text_string_to_metric_families(self.http.get("/metrics/").text)
        [value] = [
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == "log_lines_lost_total" and sample.labels == {"handler": handler}
        ]
        return value

    def check_lost(self, handler: str) -> None:
        """Requests succeed, and their five lines are counted as lost."""
        before = self.lost(handler)
        self.check_requests()

        def are_counted() -> None:
            assert self.lost(handler) >= before + 5

        eventually(are_counted)


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


def test_requests_work_with_a_full_disk_for_stdout(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full, web(tmp_path, full) as running:
        running.check_lost("console")


def test_requests_work_after_the_reader_of_stdout_ends(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with web(tmp_path, writer) as running:
        os.close(writer)
        running.check_lost("console")


def test_a_closed_stdout_is_not_mistaken_for_the_next_file(tmp_path: Path) -> None:
    with web(tmp_path, None, command="exec bin/web >&-") as running:
        running.check_lost("console")


def test_a_blocked_reader_delays_no_request_and_later_receives_every_line(
    tmp_path: Path,
) -> None:
    reader, writer = os.pipe()
    with web(tmp_path, writer) as running:
        for _ in range(REQUESTS):
            running.http.get("/nowhere")
        assert not select.select([], [writer], [], 0)[1], "the pipe has room"
        os.close(writer)
        output = b""

        def read_all() -> None:
            nonlocal output
            output += _read(reader)
            *whole, _partial = output.decode().split("\n")
            lines = [parsed(text) for text in whole]
            assert [line["path"] for line in lines if "path" in line] == ["/nowhere"] * REQUESTS

        eventually(read_all)
        assert running.lost("console") == 0
    os.close(reader)


def _read(descriptor: int) -> bytes:
    os.set_blocking(descriptor, False)
    chunks = []
    with suppress(BlockingIOError):
        while chunk := os.read(descriptor, 65536):
            chunks.append(chunk)
    return b"".join(chunks)


def test_with_a_full_disk_for_the_log_file_stdout_has_every_line(tmp_path: Path) -> None:
    (tmp_path / "full.log").symlink_to("/dev/full")
    output = tmp_path / "stdout"
    variables = {"LOG_FILE": str(tmp_path / "full.log")}
    with output.open("wb") as stdout, web(tmp_path, stdout, **variables) as running:
        running.check_lost("file")
        assert running.lost("console") == 0
    lines = [parsed(text) for text in output.read_text().splitlines()]
    assert len([line for line in lines if line.get("path") == "/nowhere"]) == 5
    assert not [line for line in lines if line["level"] == "CRITICAL"]


def test_the_log_file_returns_with_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    with web(tmp_path, subprocess.DEVNULL, LOG_FILE=str(folder / "web.log")) as running:
        running.check_requests()
        folder.rename(tmp_path / "away")
        running.check_lost("file")
        folder.mkdir()
        running.check_requests()

        def written() -> None:
            texts = (folder / "web.log").read_text().splitlines()
            lines = [json.loads(text) for text in texts if text]
            assert [line["path"] for line in lines if "path" in line][-5:] == ["/nowhere"] * 5

        eventually(written)


@pytest.mark.parametrize("stream", ["stdout", "file"])
def test_the_line_after_a_full_disk_begins_on_a_new_line(tmp_path: Path, stream: str) -> None:
    """A limit on the file size has the effect of a disk that is full in the middle of a line."""
    target = tmp_path / "out.log"
    script = (
        "import django, logging, resource, signal\n"
        "from apps.core.logging.handlers import flush\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "django.setup()\n"
        "log = logging.getLogger('apps.shop')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (500, resource.RLIM_INFINITY))\n"
        "log.info('first'); log.info('x' * 999); log.info('lost'); flush()\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
        "log.info('after')\n"
    )
    variables = {"LOG_FILE": str(target)} if stream == "file" else {}
    output: IO[bytes] | int = target.open("wb") if stream == "stdout" else subprocess.DEVNULL
    environment = production(DJANGO_SETTINGS_MODULE="deltacrown.settings", **variables)
    subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=output, timeout=180,
        check=True,
    )  # fmt: skip
    first, cut, *rest = [text for text in target.read_text().splitlines() if text]
    assert parsed(first)["message"] == "first"
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut)
    assert [parsed(text)["message"] for text in rest] == ["after"]
