"""`manage.py check_monitoring` against faulty servers, and with wrong arguments."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from socket import socket

import pytest
from django.core.management import CommandError, call_command

from apps.core.checks import Failed
from apps.core.checks.deployment import KIT_NAMES, Deployment
from apps.core.conf import conf
from tests.faulty_servers import drips, faulty_server, hangs, never_ends, responds
from tests.guide.claims import GUIDE
from tests.programs import ROOT, WITHOUT_SERVERS, manage

TOKEN = "a-token-for-metrics"


def failure(step: Callable[[], str]) -> str:
    with pytest.raises(Failed) as failed:
        step()
    return str(failed.value)


def test_a_redirect_is_reported_and_not_followed() -> None:
    def redirects_metrics(connection: socket, request: str) -> None:
        redirect = responds(f"302 Found\r\nLocation: {other.url}/metrics/")
        (redirect if "/metrics/" in request else responds("200 OK"))(connection, request)

    with faulty_server(responds("200 OK")) as other, faulty_server(redirects_metrics) as server:
        message = failure(Deployment(server.url, token=TOKEN).check_metrics)
    assert message == f"/metrics/ redirects (302) to {other.url}: use that address"
    assert [TOKEN in request for request in server.requests] == [False, True]
    assert other.requests == []


def test_a_response_that_drips_is_abandoned_at_the_deadline() -> None:
    with faulty_server(drips) as server:
        assert "no response within 0.5 s" in failure(
            Deployment(server.url, timeout=0.5).check_liveness
        )


def test_a_response_without_end_is_abandoned_at_its_size_limit() -> None:
    with faulty_server(never_ends) as server:
        assert "larger than 16 MB" in failure(Deployment(server.url).check_liveness)


def test_the_whole_check_has_a_deadline() -> None:
    with faulty_server(hangs) as server:
        deployment = Deployment(server.url, deadline=time.monotonic() + 0.5)
        failures = [failure(step) for name, step in deployment.steps() if "Sentry" not in name]
    assert "no response within" in failures[0]
    assert all("not requested, 60 s are over" in message for message in failures[1:])


def test_the_first_failed_request_ends_the_load() -> None:
    def hangs_under_load(connection: socket, request: str) -> None:
        (responds("200 OK", "up 1\n") if "/metrics/" in request else hangs)(connection, request)

    with faulty_server(hangs_under_load) as server:
        message = failure(Deployment(server.url, timeout=0.5).check_counters)
    assert "no response within 0.5 s" in message
    assert len(server.requests) < 50


def test_each_result_is_printed_immediately() -> None:
    def hangs_in_the_probe(connection: socket, request: str) -> None:
        (hangs if "/healthz" in request else responds("404 Not Found"))(connection, request)

    with faulty_server(hangs_in_the_probe) as server:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "check_monitoring", server.url],
            cwd=ROOT, env=os.environ | WITHOUT_SERVERS, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with process:
            assert process.stdout
            rows = [process.stdout.readline() for _ in range(3)]
            assert process.poll() is None
            process.kill()
    assert [row.split()[0] for row in rows] == ["skipped", "failed", "failed"]


def test_control_characters_of_a_server_are_not_printed() -> None:
    with faulty_server(responds("500 Error", '{"a": 1,\n"b": "\x1b[2J"}')) as server:
        done = manage("check_monitoring", server.url)
    assert "\x1b" not in done.stdout
    assert len(done.stdout.splitlines()) == 6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["localhost:8000"], "The URL is not like http://localhost:8000."),
        (["ftp://localhost/"], "The URL is not like http://localhost:8000."),
        (["http://"], "The URL is not like http://localhost:8000."),
        (["http://localhost:port"], "The URL is not like http://localhost:8000."),
        (["http://user:hunter2@localhost"], "The URL is not like http://localhost:8000."),
        (["http://localhost/crown"], "has a path or query. Use http://localhost"),
        (["http://localhost?a=b"], "has a path or query. Use http://localhost"),
        (["http://localhost", "--token", "a\r\nX-Other: b"], "The token has an invalid character"),
    ],
)
def test_invalid_arguments_are_one_line(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command("check_monitoring", *arguments)
    assert error.value.returncode == 2
    [line] = str(error.value).splitlines()
    assert message in line
    assert "hunter2" not in line


def test_all_names_of_the_guide_are_expected() -> None:
    listed = GUIDE.read_text().split("\n### Available Metrics\n")[1].split("\n### ")[0]
    names = set(re.findall(r"^- `(\w+)`", listed, re.MULTILINE))
    expected = {name.removesuffix("_bucket") for name in (*KIT_NAMES, *conf.CHECK_METRICS)}
    assert len(names) == 16
    assert expected == names | {"ws_connection_failures_total"}  # used by an alert of the guide
