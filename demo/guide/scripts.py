"""The guide's Python snippets: each runs as written, and its effect is compared with the guide."""

import json
import re
from contextlib import closing

import httpx

from demo.api import DemoError
from demo.guide.commands import Outcome, run_in_django_shell, run_python
from demo.metrics import exposition, scrape
from stack.sentry import SentryServer

# The names that snippets use without a definition.
PREAMBLE = """
from types import SimpleNamespace
import logging, os
def risky_operation(): raise ValueError("risky")
error = SimpleNamespace(code="card_declined")
request = SimpleNamespace(user=SimpleNamespace(id=1))
user, tournament_id, connection_count = SimpleNamespace(id=1, username="ada"), 17, 1001
tournament = SimpleNamespace(id=17, game_title="VALORANT")
"""
LOG_CALL = re.compile(r"logger\.(\w+)\('([^']+)', extra=\{(.*?)\}", re.DOTALL)
PRINT_METRICS = "from prometheus_client import generate_latest; print(generate_latest().decode())"
REQUESTS = "django_http_requests_total_by_method"


def check_sentry(code: str) -> Outcome:
    """The captured messages and exceptions arrive at a local Sentry server."""
    expected = re.findall(r"""capture_message\(['"]([^'"]+)""", code)
    expected += ["risky"] if "capture_exception(" in code else []
    with closing(SentryServer()) as server:
        run_in_django_shell(PREAMBLE + code, SENTRY_DSN=server.dsn)
    received = [
        event["exception"]["values"][-1]["value"] if "exception" in event else event["message"]
        for event in server.events()
    ]
    if sorted(received) != sorted(expected):
        raise DemoError(f"Sentry received {received}, the guide sends {expected}")
    return Outcome("received: " + ", ".join(received))


def check_logs(code: str) -> Outcome:
    """Each message is logged with its level and the fields of its `extra`."""
    lines = run_in_django_shell(PREAMBLE + code, LOG_FORMAT="json")
    entries = {
        entry["message"]: entry
        for entry in (json.loads(line) for line in lines if line.startswith("{"))
    }
    expected = LOG_CALL.findall(code)
    for level, message, extra in expected:
        if message not in entries:
            raise DemoError(f"{message!r} is not logged")
        entry = entries[message]
        if entry["level"] != level.upper():
            raise DemoError(f"{message!r} is logged as {entry['level']}")
        if missing := set(re.findall(r"'(\w+)':", extra)) - entry.keys():
            raise DemoError(f"{message!r} is logged without {', '.join(sorted(missing))}")
    return Outcome("logged: " + ", ".join(f"{level.upper()} {text}" for level, text, _ in expected))


def check_metrics(code: str, base_url: str) -> Outcome:
    """The server exposes the metrics that the snippet declares, with the same type."""
    lines = run_python("-c", f"{code}\n{PRINT_METRICS}")
    expected = [
        line for line in lines if re.match(r"# TYPE (?!python_|process_|\w+_created)", line)
    ]
    with httpx.Client(base_url=base_url, timeout=10) as http:
        exposed = exposition(http).splitlines()
    if missing := [line for line in expected if line not in exposed]:
        raise DemoError(f"the server does not expose {', '.join(missing)}")
    return Outcome("exposed: " + ", ".join(line.split()[2] for line in expected))


def check_load(code: str, base_url: str) -> Outcome:
    """The server's counter increases by the snippet's requests."""
    with httpx.Client(base_url=base_url, timeout=10) as http:
        before = _requests(http)
        output = " ".join(run_python("-c", code))
        increase = _requests(http) - before
    if output != "Completed 100 requests" or increase < 100:
        raise DemoError(
            f"{output}; {REQUESTS} increased by {increase:.0f}. Does the server have one process?"
        )
    return Outcome(f"{output}; {REQUESTS} +{increase:.0f}")


def _requests(http: httpx.Client) -> float:
    return sum(value for (name, _), value in scrape(http).items() if name == REQUESTS)
