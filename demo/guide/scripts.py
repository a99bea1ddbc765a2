"""The guide's Python that does something: each run as it is written, and what it did looked at."""

import json
import re

import httpx

from demo.api import Problem
from demo.figures import page, scrape
from demo.guide.running import Outcome, python, shell
from tests.envelopes import SentryServer

# What a snippet takes for granted, besides what it imports itself.
GIVEN = """
from types import SimpleNamespace
import logging, os
def risky_operation(): raise ValueError("risky")
error = SimpleNamespace(code="card_declined")
request = SimpleNamespace(user=SimpleNamespace(id=1))
user, tournament_id, connection_count = SimpleNamespace(id=1, username="ada"), 17, 1001
tournament = SimpleNamespace(id=17, game_title="VALORANT")
"""
LOGGED = re.compile(r"logger\.(\w+)\('([^']+)', extra=\{(.*?)\}", re.DOTALL)
PRINTED = "from prometheus_client import generate_latest; print(generate_latest().decode())"
REQUESTS = "django_http_requests_total_by_method"


def sends(code: str) -> Outcome:
    """What it captures arrives at a Sentry of our own."""
    wanted = re.findall(r"""capture_message\(['"]([^'"]+)""", code)
    wanted += ["risky"] if "capture_exception(" in code else []
    server = SentryServer()
    try:
        shell(GIVEN + code, SENTRY_DSN=server.dsn)
    finally:
        server.stop()
    arrived = [
        event["exception"]["values"][-1]["value"] if "exception" in event else event["message"]
        for event in server.events()
    ]
    if sorted(arrived) != sorted(wanted):
        raise Problem(f"Sentry got {arrived}, the guide sends {wanted}")
    return Outcome("arrived: " + ", ".join(arrived))


def logs(code: str) -> Outcome:
    """Each of its messages, with its level and what is in its `extra`."""
    lines = [line for line in shell(GIVEN + code, LOG_FORMAT="json") if line.startswith("{")]
    said = {line["message"]: line for line in map(json.loads, lines)}
    wanted = LOGGED.findall(code)
    for level, message, extra in wanted:
        if message not in said:
            raise Problem(f"{message!r} is not logged")
        if said[message]["level"] != level.upper():
            raise Problem(f"{message!r} is logged as {said[message]['level']}")
        if missing := set(re.findall(r"'(\w+)':", extra)) - said[message].keys():
            raise Problem(f"{message!r} is logged without {', '.join(sorted(missing))}")
    return Outcome("logged: " + ", ".join(f"{level.upper()} {text}" for level, text, _ in wanted))


def defines(code: str, base_url: str) -> Outcome:
    """The metrics it defines are on the server's page, each of its type."""
    told = python("-c", f"{code}\n{PRINTED}")
    wanted = [line for line in told if re.match(r"# TYPE (?!python_|process_|\w+_created)", line)]
    with httpx.Client(base_url=base_url, timeout=10) as http:
        there = page(http).splitlines()
    if missing := [line for line in wanted if line not in there]:
        raise Problem(f"not on the server's page: {', '.join(missing)}")
    return Outcome("on the server's page: " + ", ".join(line.split()[2] for line in wanted))


def loads(code: str, base_url: str) -> Outcome:
    """Its requests show in the server's counter."""
    with httpx.Client(base_url=base_url, timeout=10) as http:
        before = _requests(http)
        said = " ".join(python("-c", code))
        risen = _requests(http) - before
    if said != "Completed 100 requests" or risen < 100:
        raise Problem(f"{said}; {REQUESTS} rose by {risen:.0f}: one process of several?")
    return Outcome(f"{said}; {REQUESTS} +{risen:.0f}")


def _requests(http: httpx.Client) -> float:
    return sum(value for (name, _), value in scrape(http).items() if name == REQUESTS)
