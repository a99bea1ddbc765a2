"""`make guide` fails if a snippet differs from the project. Each kind of step has a test."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket

import pytest

from demo.__main__ import main as demo_main
from demo.api import DemoError
from demo.guide import __main__ as command
from demo.guide import configuration, queries, scripts
from demo.guide.runner import SnippetRunner
from demo.guide.snippets import Snippet, snippets
from stack.ports import free_port
from tests.api.served import Served
from tests.faulty_servers import faulty_server, responds
from tests.guide.claims import guide
from tests.programs import ROOT


def snippet(kind: str, text: str) -> Snippet:
    """The only snippet of this kind that contains the text."""
    [match] = [item for item in snippets() if item.kind == kind and text in item.text]
    return match


@contextmanager
def prometheus(**values: str) -> Iterator[queries.Query]:
    """A Prometheus with one series: its value is `now`, and `above` in response to a comparison."""

    def behavior(connection: socket, request: str) -> None:
        value = values.get("above" if "+%3E+" in request else "now")
        rows = [{"metric": {}, "value": [0, value]}] if value else []
        body = {"status": "success", "data": {"result": rows}}
        responds("200 OK", json.dumps(body))(connection, request)

    with faulty_server(behavior) as server:
        yield queries.querying(server.url)


def test_an_alert_expression_passes_whether_it_fires_or_is_silent() -> None:
    with prometheus(now="3.5", above="3.5") as ask:
        assert queries.check_expression(ask, "p95 > 2").message == "firing: 3.5"
    with prometheus(now="1.5") as ask:
        assert queries.check_expression(ask, "p95 > 2").message == "silent: at most 1.5"
    with prometheus(now="NaN") as ask:
        assert queries.check_expression(ask, "p95 > 2").message == "silent: no traffic"


@pytest.mark.parametrize("expression", ["p95", "p95 > 2"])
def test_a_metric_without_data_fails(expression: str) -> None:
    with prometheus() as ask, pytest.raises(DemoError, match="p95 returns no data"):
        queries.check_expression(ask, expression)


@guide("Sentry Integration", "SENTRY_DSN=https://your-key@")
def test_each_variable_is_read_with_the_value_in_the_guide() -> None:
    """With the comments after the values."""
    sentry = configuration.check_variables(snippet("bash", "SENTRY_DSN").text).message
    assert "SENTRY_TRACES_SAMPLE_RATE 0.1, SENTRY_PROFILES_SAMPLE_RATE 0.1" in sentry
    assert "SENTRY_ENVIRONMENT production, SENTRY_RELEASE v1.2.3" in sentry
    prometheus = configuration.check_variables(snippet("bash", "ENABLE_PROM").text).message
    assert "PROMETHEUS True" in prometheus


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('SENTRY_RELEASE="v1"', "SENTRY_RELEASE is read as"),
        ("SENTRY_TRACES_SAMPLE_RATE=2", "SENTRY_TRACES_SAMPLE_RATE should be less"),
        ("SENTRY_SAMPLES=1", "no setting reads SENTRY_SAMPLES"),
    ],
)
def test_a_variable_that_is_read_differently_fails(line: str, message: str) -> None:
    with pytest.raises(DemoError, match=message):
        configuration.check_variables(f"SENTRY_DSN=x\n{line}")


def test_a_requirement_that_is_not_met_fails() -> None:
    with pytest.raises(DemoError, match=r"the guide requires 99\.1"):
        configuration.check_requirement("django>=99.1")


@pytest.mark.parametrize(
    ("original", "changed", "message"),
    [
        ("{levelname} {asctime}", "{asctime} {levelname}", "logs 20"),
        ("'level': 'INFO'", "'level': 'ERROR'", "not enough values"),
    ],
)
def test_logging_that_is_configured_differently_fails(
    original: str, changed: str, message: str
) -> None:
    text = snippet("python", "'verbose'").text
    assert configuration.check_logging(text).message.startswith("logs INFO")
    with pytest.raises((DemoError, ValueError), match=message):
        configuration.check_logging(text.replace(original, changed))


def test_a_log_message_that_is_not_logged_fails() -> None:
    text = snippet("python", "logger.info('Tournament created'").text
    assert scripts.check_logs(text).message == (
        "logged: INFO Tournament created, WARNING High WebSocket connection count,"
        " ERROR Payment processing failed"
    )
    with pytest.raises(DemoError, match="'Tournament created' is not logged"):
        scripts.check_logs(text.replace("logger =", "logging.disable(logging.INFO); logger ="))


@guide("Troubleshooting", "Test with manual capture_exception() call")
def test_a_captured_exception_that_sentry_does_not_receive_fails() -> None:
    text = snippet("python", "capture_exception").text
    assert scripts.check_sentry(text).message == "received: risky, Important event occurred"
    with pytest.raises(DemoError, match=r"Sentry received \[\]"):
        scripts.check_sentry(
            "import sentry_sdk; sentry_sdk.get_global_scope().set_client(None)\n" + text
        )


def test_a_metric_that_the_server_does_not_have_fails(server: Served) -> None:
    text = snippet("python", "'payments_processed_total'").text
    assert "payments_processed_total" in scripts.check_metrics(text, server.origin).message
    renamed = text.replace("payments_processed_total", "payments_lost_total")
    with pytest.raises(DemoError, match="TYPE payments_lost_total counter"):
        scripts.check_metrics(renamed, server.origin)


def test_a_response_that_differs_from_the_guide_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "snippets", lambda: [snippet("bash", '{"status": "healthy"}')])
    with faulty_server(responds("200 OK", '{"status": "well"}')) as server:
        assert command.run(SnippetRunner(server.url, queries.querying(""))) == 1
    output = capsys.readouterr().out
    assert "status is 'well'" in output
    assert "0 match the guide (✓), 0 are only compiled or shown (○), 1 fail (✗)" in output


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("python", "INSTALLED_APPS"),
        ("python", "urlpatterns"),
        ("python", "AsyncWebsocketConsumer"),
        ("json", "not_ready"),
    ],
)
def test_an_excerpt_is_not_compared_but_names_its_tests(kind: str, text: str) -> None:
    outcome = SnippetRunner("http://127.0.0.1:1", queries.querying("")).run(snippet(kind, text))
    assert not outcome.compared
    assert outcome.message.startswith("only ")
    assert (ROOT / outcome.message.split()[-1]).is_file()


@pytest.mark.parametrize("main", [demo_main, command.main])
@pytest.mark.parametrize("address", ["http://127.0.0.1:abc", "http://[::1", "localhost"])
def test_an_invalid_address_is_reported_in_a_line(
    main: Callable[[], int],
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("BASE_URL", address)
    assert main() == 1
    expected = f"Failed: BASE_URL={address} is not an HTTP URL. Check PORT and BASE_URL.\n"
    assert capsys.readouterr() == (expected, "")


@pytest.mark.parametrize("main", [demo_main, command.main])
def test_a_missing_server_is_reported_with_its_address_and_a_solution(
    main: Callable[[], int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("BASE_URL", address)
    assert main() == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith(
        f"Failed: DeltaCrown is not running at {address}. Start it with `make run`"
    )
