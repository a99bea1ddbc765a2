"""`manage.py check_monitoring` against servers that mean it badly, and its own arguments."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from socket import socket

import pytest
from django.core.management import CommandError, call_command

from apps.core.checks.deployment import Deployment, Failed
from apps.core.checks.metrics_parser import GUIDES_NAMES
from tests.api.served import ROOT, served
from tests.faulty_servers import drips, misbehaving, never_ends, says, says_nothing
from tests.guide.claims import GUIDE

COMMAND = [sys.executable, "manage.py", "check_monitoring"]
ENVIRONMENT = os.environ | {"DEBUG": "1", "DB_HOST": "", "REDIS_URL": "", "SENTRY_DSN": ""}
TOKEN = "a-token-for-metrics"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def fault(step: Callable[[], str]) -> str:
    with pytest.raises(Failed) as failed:
        step()
    return str(failed.value)


def test_a_redirect_is_told_and_the_token_goes_nowhere_else() -> None:
    def moved_its_metrics(connection: socket, request: str) -> None:
        moved = says(f"302 Found\r\nLocation: {elsewhere.url}/metrics/")
        (moved if "/metrics/" in request else says("200 OK"))(connection, request)

    with misbehaving(says("200 OK")) as elsewhere, misbehaving(moved_its_metrics) as server:
        told = fault(Deployment(server.url, token=TOKEN).metrics_are_there)
    assert told == f"/metrics/ answers 302 to {elsewhere.url}: give that address"
    assert [TOKEN in request for request in server.requests] == [False, True]
    assert elsewhere.requests == []


def test_a_redirect_to_tls_takes_no_time() -> None:
    with misbehaving(says("301 Moved\r\nLocation: https://192.0.2.1/healthz")) as server:
        assert "301 to https://192.0.2.1: give that" in fault(Deployment(server.url).lives)


def test_a_server_that_drips_is_given_up() -> None:
    with misbehaving(drips) as server:
        assert "no answer within 0.5 s" in fault(Deployment(server.url, seconds=0.5).lives)


def test_an_answer_without_end_is_given_up() -> None:
    with misbehaving(never_ends) as server:
        assert "more than 16 MB of answer" in fault(Deployment(server.url).lives)


def test_the_whole_has_an_end_as_well() -> None:
    with misbehaving(says_nothing) as server:
        deployment = Deployment(server.url, _until=time.monotonic() + 0.5)
        told = [fault(step) for name, step in deployment.steps() if "Sentry" not in name]
    assert "no answer within" in told[0]
    assert all("not asked, 60 s are over" in one for one in told[1:])


def test_the_first_request_of_the_load_that_fails_ends_it() -> None:
    def hangs_under_load(connection: socket, request: str) -> None:
        (says("200 OK", "up 1\n") if "/metrics/" in request else says_nothing)(connection, request)

    with misbehaving(hangs_under_load) as server:
        assert "no answer within 0.5 s" in fault(Deployment(server.url, seconds=0.5).load_is_seen)
    assert len(server.requests) < 50


def test_each_row_is_printed_when_it_is_known() -> None:
    def hangs_in_the_probe(connection: socket, request: str) -> None:
        (says_nothing if "/healthz" in request else says("404 Not Found"))(connection, request)

    with misbehaving(hangs_in_the_probe) as server:
        process = subprocess.Popen(
            [*COMMAND, server.url], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
        )
        with process:
            assert process.stdout
            rows = [process.stdout.readline() for _ in range(3)]
            assert process.poll() is None
            process.kill()
    assert [row.split()[0] for row in rows] == ["skipped", "failed", "failed"]


def test_what_a_server_says_does_not_steer_the_terminal() -> None:
    with misbehaving(says("500 Fault", '{"a": 1,\n"b": "\x1b[2J"}')) as server:
        done = run(server.url)
    assert "\x1b" not in done.stdout
    assert len(done.stdout.splitlines()) == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["http://[::1"], "http://[::1 is no http or https URL."),
        (["http://localhost:port"], "http://localhost:port is no http or https URL."),
        (["http://localhost/crown"], "is more than an address. Give http://localhost"),
        (["http://localhost?a=b"], "is more than an address. Give http://localhost"),
        (["http://user:hunter2@localhost"], "The URL holds a user or a password."),
        (["http://localhost", "--path", "x"], "--path 'x' is no path"),
        (["http://localhost", "--path", "/a b"], "--path '/a b' is no path"),
        (["http://localhost", "--token", "a\r\nX-Other: b"], "The token has a character that no"),
    ],
)
def test_invalid_arguments_are_one_line(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command("check_monitoring", *arguments)
    assert error.value.returncode == 2
    [line] = str(error.value).splitlines()
    assert said in line
    assert "hunter2" not in line


def test_a_wrong_token_is_told_from_none(tmp_path: Path) -> None:
    with served(tmp_path, METRICS_TOKEN=TOKEN) as server:
        assert "give --token" in fault(Deployment(server.origin).metrics_are_there)
        wrong = Deployment(server.origin, token="another")
        assert "answered 401: the token is not the right one" in fault(wrong.metrics_are_there)
        assert Deployment(server.origin, token=TOKEN).metrics_are_there()


def test_metrics_that_are_off_are_guessed(tmp_path: Path) -> None:
    with served(tmp_path, ENABLE_PROMETHEUS="0") as server:
        told = fault(Deployment(server.origin).metrics_are_there)
    assert "answered 404: is ENABLE_PROMETHEUS 0 there, or PROMETHEUS_METRICS_PATH" in told


def test_the_names_it_looks_for_are_those_that_the_guide_lists() -> None:
    listed = GUIDE.read_text().split("\n### Available Metrics\n")[1].split("\n### ")[0]
    names = set(re.findall(r"^- `(\w+)`", listed, re.MULTILINE))
    looked_for = {name.removesuffix("_bucket") for name in GUIDES_NAMES}
    assert len(names) == 16
    assert looked_for == names | {"ws_connection_failures_total"}  # an alert's, further down
