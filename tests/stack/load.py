"""People at work on a running stack: visitors, players and spectators, and who is refused."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from stack.processes import ROOT, Process, Stack

USERS = 8
ORGANIZER, PASSWORD = "demo", "crown-demo"  # seed_demo's


@contextmanager
def under_load(stack: Stack, web: Process, prometheus: Process) -> Iterator[None]:
    """A tournament played to its end, then locust's users for as long as the block lasts."""
    stack.manage("seed_demo")
    locust = str(Path(sys.executable).parent / "locust")
    people = [locust, "-f", "locustfile.py", "--headless", "--host", web.url]
    running = Process(
        [*people, "-u", str(USERS), "-r", "4"], {}, stack.folder / "locust.log", port=None
    )
    try:
        play_a_tournament(web, prometheus)
        sign_in(web)
        be_refused(web)
        yield
    finally:
        running.stop()


def play_a_tournament(web: Process, prometheus: Process) -> None:
    """What the demo says of its figures is of no interest: others are there as well."""
    addresses = {"BASE_URL": web.url, "PROMETHEUS_URL": prometheus.url}
    environment = os.environ | {"PACE": "0"} | addresses
    command = [sys.executable, "-m", "demo"]
    subprocess.run(
        command, cwd=ROOT, env=environment, timeout=150, check=False, capture_output=True
    )


def sign_in(web: Process) -> None:
    """A page with a template and a session, as the administration has them."""
    with httpx.Client(base_url=web.url, headers={"Origin": web.url}) as browser:
        browser.get("/admin/login/")
        form = {
            "username": ORGANIZER,
            "password": PASSWORD,
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        }
        assert browser.post("/admin/login/?next=/admin/", data=form).status_code == 302
        for _ in range(3):
            assert browser.get("/admin/").status_code == 200


def be_refused(web: Process) -> None:
    httpx.get(f"{web.url}/nowhere")
    httpx.get(f"{web.url}/tournaments/999999")
    httpx.post(f"{web.url}/api/tournaments/", json={})
    with suppress(InvalidStatus):
        connect(f"{web.url.replace('http', 'ws')}/ws/tournaments/1/", origin=Origin("http://evil"))
