"""`make guide` ticks what it has compared: each kind of step is given what is not so."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket

import pytest

from demo.api import DemoError
from demo.guide import configuration, curl, queries, scripts
from demo.guide.runner import SnippetRunner
from demo.guide.snippets import Snippet, snippets
from stack.ports import free_port
from tests.api.served import ROOT, Served
from tests.faulty_servers import faulty_server, responds


def the(kind: str, text: str) -> Snippet:
    [found] = [one for one in snippets() if one.kind == kind and text in one.text]
    return found


@contextmanager
def prometheus(**values: str) -> Iterator[queries.Query]:
    """Knows one series, by its value, and what is more than another."""

    def behavior(connection: socket, request: str) -> None:
        value = values.get("above" if "+%3E+" in request else "now")
        rows = [{"metric": {}, "value": [0, value]}] if value else []
        told = {"status": "success", "data": {"result": rows}}
        responds("200 OK", json.dumps(told))(connection, request)

    with faulty_server(behavior) as server:
        yield queries.querying(server.url)


def test_an_alert_that_fires_is_as_good_as_one_that_is_silent() -> None:
    with prometheus(now="3.5", above="3.5") as ask:
        assert queries.check_expression(ask, "p95 > 2").message == "firing: 3.5"
    with prometheus(now="1.5") as ask:
        assert queries.check_expression(ask, "p95 > 2").message == "silent: at most 1.5"
    with prometheus(now="NaN") as ask:
        assert queries.check_expression(ask, "p95 > 2").message == "silent: no traffic"


@pytest.mark.parametrize("expression", ["p95", "p95 > 2"])
def test_a_metric_that_nobody_has_fails(expression: str) -> None:
    with prometheus() as ask, pytest.raises(DemoError, match="p95 returns no data"):
        queries.check_expression(ask, expression)


def test_each_variable_is_read_with_the_guides_value() -> None:
    said = configuration.check_variables(the("bash", "SENTRY_DSN").text).message
    assert "SENTRY_TRACES_SAMPLE_RATE 0.1, SENTRY_PROFILES_SAMPLE_RATE 0.1" in said
    assert "SENTRY_ENVIRONMENT production, SENTRY_RELEASE v1.2.3" in said
    assert (
        "PROMETHEUS True" in configuration.check_variables(the("bash", "ENABLE_PROM").text).message
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('SENTRY_RELEASE="v1"', "SENTRY_RELEASE is read as"),
        (
            "SENTRY_TRACES_SAMPLE_RATE=2",
            "SENTRY_TRACES_SAMPLE_RATE should be less",
        ),
        ("SENTRY_SAMPLES=1", "no setting reads SENTRY_SAMPLES"),
    ],
)
def test_a_variable_that_is_read_otherwise_fails(line: str, said: str) -> None:
    with pytest.raises(DemoError, match=said):
        configuration.check_variables(f"SENTRY_DSN=x\n{line}")


def test_a_requirement_that_is_not_met_fails() -> None:
    with pytest.raises(DemoError, match=r"the guide requires 99\.1"):
        configuration.check_requirement("django>=99.1")


@pytest.mark.parametrize(
    ("is_so", "is_not", "said"),
    [
        ("{levelname} {asctime}", "{asctime} {levelname}", "logs 20"),
        ("'level': 'INFO'", "'level': 'ERROR'", "not enough values"),
    ],
)
def test_logging_that_is_configured_otherwise_fails(is_so: str, is_not: str, said: str) -> None:
    text = the("python", "'verbose'").text
    assert configuration.check_logging(text).message.startswith("logs INFO")
    with pytest.raises((DemoError, ValueError), match=said):
        configuration.check_logging(text.replace(is_so, is_not))


def test_the_three_messages_have_to_be_logged_with_what_they_carry() -> None:
    text = the("python", "logger.info('Tournament created'").text
    assert scripts.check_logs(text).message == (
        "logged: INFO Tournament created, WARNING High WebSocket connection count,"
        " ERROR Payment processing failed"
    )
    with pytest.raises(DemoError, match="'Tournament created' is not logged"):
        scripts.check_logs(text.replace("logger =", "logging.disable(logging.INFO); logger ="))


def test_what_is_captured_has_to_arrive() -> None:
    text = the("python", "capture_exception").text
    assert scripts.check_sentry(text).message == "received: risky, Important event occurred"
    with pytest.raises(DemoError, match=r"Sentry received \[\]"):
        scripts.check_sentry(
            "import sentry_sdk; sentry_sdk.get_global_scope().set_client(None)\n" + text
        )


def test_a_metric_that_the_server_does_not_have_fails(server: Served) -> None:
    text = the("python", "'payments_processed_total'").text
    assert "payments_processed_total" in scripts.check_metrics(text, server.origin).message
    renamed = text.replace("payments_processed_total", "payments_lost_total")
    with pytest.raises(DemoError, match="TYPE payments_lost_total counter"):
        scripts.check_metrics(renamed, server.origin)


def test_an_answer_that_is_not_the_guides_fails() -> None:
    text = the("bash", '{"status": "healthy"}').text
    with (
        faulty_server(responds("200 OK", '{"status": "well"}')) as server,
        pytest.raises(DemoError, match="status is 'well', the guide says 'healthy'"),
    ):
        curl.check_responses(server.url, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("python", "INSTALLED_APPS"),
        ("python", "urlpatterns"),
        ("python", "AsyncWebsocketConsumer"),
        ("json", "not_ready"),
    ],
)
def test_what_is_only_compiled_or_shown_is_not_ticked_and_says_where_it_is_held(
    kind: str, text: str
) -> None:
    outcome = SnippetRunner("http://127.0.0.1:1", queries.querying("")).run(the(kind, text))
    assert not outcome.compared
    assert outcome.message.startswith("only ")
    assert (ROOT / outcome.message.split()[-1]).is_file()


@pytest.mark.parametrize("module", ["demo", "demo.guide"])
@pytest.mark.parametrize("address", ["http://127.0.0.1:abc", "http://[::1", "localhost"])
def test_what_is_no_address_is_said_in_a_line(module: str, address: str) -> None:
    done = run(module, address)
    assert (done.returncode, done.stderr) == (1, "")
    assert (
        done.stdout == f"Failed: BASE_URL={address} is not an HTTP URL. Check PORT and BASE_URL.\n"
    )


def test_nobody_there_is_said_with_the_address_and_what_to_do() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    done = run("demo.guide", address)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"DeltaCrown is not running at {address}" in done.stdout
    assert "make run" in done.stdout


def run(module: str, address: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT, env=os.environ | {"BASE_URL": address},
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
