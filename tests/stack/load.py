"""Traffic for a running stack: visitors, players, spectators, and rejected requests."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from stack.processes import Process, Stack
from tests.programs import run

ORGANIZER, PASSWORD = "demo", "crown-demo"  # of the command seed_demo


@contextmanager
def under_load(stack: Stack, web: Process, prometheus: Process) -> Iterator[None]:
    """Plays a tournament, while locust's users are active until the block ends."""
    stack.manage("seed_demo")
    locust = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--headless"]
    command = [*locust, "--host", web.url, "-u", "4", "-r", "4"]
    load = Process(command, {}, stack.folder / "locust.log", port=None)
    try:
        play_a_tournament(web, prometheus)
        sign_in(web)
        send_rejected_requests(web)
        yield
    finally:
        load.stop()


def play_a_tournament(web: Process, prometheus: Process) -> None:
    """Ignores the demo's comparison of metrics: other clients are active."""
    variables = {"BASE_URL": web.url, "PROMETHEUS_URL": prometheus.url, "PACE": "0"}
    run(sys.executable, "-m", "demo", **variables)


def sign_in(web: Process) -> None:
    """Requests to the admin, which use a template and a session."""
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


def send_rejected_requests(web: Process) -> None:
    httpx.get(f"{web.url}/nowhere")
    httpx.get(f"{web.url}/tournaments/999999")
    httpx.post(f"{web.url}/api/tournaments/", json={})
    with suppress(InvalidStatus):
        connect(f"{web.ws_url}/ws/tournaments/1/", origin=Origin("http://evil"))
