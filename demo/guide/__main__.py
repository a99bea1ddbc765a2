"""See the package. Exit status 1 where something does not give what the guide says."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from rich.markup import escape
from rich.table import Table

from demo.api import Problem, server_address
from demo.guide.queries import asked
from demo.guide.steps import Runner
from demo.guide.text import snippets
from demo.screen import console
from stack.ports import free_port

SCRAPED_EVERY = 1
# A rate needs two scrapes of what happened before it.
SCRAPED_FOR = 5
STARTED_WITHIN = 30


def main() -> int:
    try:
        base_url = server_address()
        _is_there(base_url)
        with prometheus(base_url) as url:
            return run(Runner(base_url, asked(url)))
    except (Problem, httpx.HTTPError) as problem:
        console.print(f"[bold red]Failed:[/] {escape(str(problem))}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130


def run(runner: Runner) -> int:
    """A tick is for what was held against the guide, and for nothing else."""
    table = Table("the guide has", "", "what comes of it", expand=False)
    compared = shown = failed = 0
    for snippet in snippets():
        try:
            outcome = runner.run(snippet)
        except (Problem, httpx.HTTPError, ValueError, KeyError) as fault:
            mark, said, failed = "[bold red]✗[/]", str(fault), failed + 1
        else:
            mark, said = "[green]✓[/]" if outcome.compared else "○", outcome.said
            compared, shown = compared + outcome.compared, shown + (not outcome.compared)
        table.add_row(escape(str(snippet)), mark, escape(said[:300]))
    console.print(table)
    console.print(
        f"{compared} give what the guide says, {shown} (○) are only compiled or shown,"
        f" {failed} fail: {len(snippets())} in all.",
        soft_wrap=True,
    )
    return 1 if failed else 0


def _is_there(base_url: str) -> None:
    try:
        httpx.get(f"{base_url}/healthz", timeout=5).raise_for_status()
    except httpx.HTTPError as fault:
        raise Problem(
            f"No DeltaCrown at {base_url} ({fault}). Start one with `make run`, or say where it"
            " is: make guide BASE_URL=http://127.0.0.1:8000"
        ) from None


@contextmanager
def prometheus(base_url: str) -> Iterator[str]:
    """The one at PROMETHEUS_URL, or one of our own that scrapes the application for a while."""
    url = os.environ.get("PROMETHEUS_URL", "http://127.0.0.1:9090").rstrip("/")
    if _answers(url):
        yield url
        return
    binary = shutil.which("prometheus")
    if binary is None:
        raise Problem(f"No Prometheus answers at {url}, and none is installed: set PROMETHEUS_URL.")
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        config = Path(folder, "prometheus.yml")
        config.write_text(
            f"global: {{scrape_interval: {SCRAPED_EVERY}s}}\n"
            "scrape_configs: [{job_name: web, metrics_path: /metrics/,"
            f" static_configs: [{{targets: ['{urlsplit(base_url).netloc}']}}]}}]\n"
        )
        options = [f"--config.file={config}", f"--storage.tsdb.path={folder}/data"]
        command = [binary, *options, f"--web.listen-address=127.0.0.1:{port}"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                url = f"http://127.0.0.1:{port}"
                _wait_for(url)
                _traffic(base_url)
                yield url
            finally:
                process.terminate()


def _wait_for(url: str) -> None:
    """Of what happened before the first scrape there is no rate."""
    deadline = time.monotonic() + STARTED_WITHIN
    while not _has_scraped(url):
        if time.monotonic() > deadline:
            raise Problem(f"The Prometheus at {url} has scraped nothing in {STARTED_WITHIN} s.")
        time.sleep(0.1)


def _has_scraped(url: str) -> bool:
    """It knows its targets only some seconds after it is ready."""
    return _answers(url) and bool(asked(url)("up == 1"))


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", timeout=2).is_success
    except httpx.HTTPError:
        return False


def _traffic(base_url: str) -> None:
    """Something to have a rate of."""
    deadline = time.monotonic() + SCRAPED_FOR
    while time.monotonic() < deadline:
        httpx.get(f"{base_url}/api/tournaments/", timeout=5)
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
