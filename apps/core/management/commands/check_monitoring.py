"""manage.py check_monitoring URL: MONITORING.md's "Testing Monitoring Setup", in one command."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError

from apps.core.checks import fetch
from apps.core.checks.deployment import Deployment, Failed, Skipped
from apps.core.conf import conf


class Command(BaseCommand):
    help = (
        "Checks the monitoring of a running deployment: Sentry, metrics, probes, and load that has"
        " to show. Exit status 0: all right; 1: something is not; 2: called in a wrong way."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 Django's type

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="one process's address: http://localhost:8000")
        parser.add_argument("--token", help="of the metrics; METRICS_TOKEN otherwise")
        parser.add_argument("--path", default="/api/tournaments/", help="what is loaded")
        parser.add_argument("--json", action="store_true", help="one JSON object for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        deployment = _deployment(options)
        steps = list(deployment.steps())
        width = max(len(name) for name, _ in steps)
        rows = []
        for name, step in steps:
            rows.append(row := _taken(name, step))
            if not options["json"]:
                self.stdout.write(f"{row.outcome:<8} {name:<{width}}  {_printable(row.said)}")
                self.stdout.flush()
        all_right = all(row.outcome != "failed" for row in rows)
        if options["json"]:
            told = {"ok": all_right, "steps": [row._asdict() for row in rows]}
            self.stdout.write(json.dumps(told))
        if not all_right:
            sys.exit(1)


class Row(NamedTuple):
    step: str
    outcome: str
    said: str


def _deployment(options: dict[str, Any]) -> Deployment:
    try:
        url = fetch.origin(options["url"])
    except ValueError as why:
        raise CommandError(str(why), returncode=2) from None
    path, token = options["path"], options["token"] or conf.METRICS_TOKEN
    if not path.startswith("/") or not _goes_into_a_header(path) or "#" in path:
        raise CommandError(f"--path {path!r} is no path: /api/tournaments/", returncode=2)
    if not _goes_into_a_header(token):
        raise CommandError("The token has a character that no token has.", returncode=2)
    return Deployment(url=url, token=token, load_path=path)


def _goes_into_a_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _taken(name: str, step: Callable[[], str]) -> Row:
    try:
        return Row(name, "ok", step())
    except Skipped as why:
        return Row(name, "skipped", str(why))
    except Failed as why:
        return Row(name, "failed", str(why))


def _printable(said: str) -> str:
    """In a line, and without what would steer the terminal: it may be somebody else's words."""
    return "".join(one if one.isprintable() else " " for one in said)
