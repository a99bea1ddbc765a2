"""manage.py check_monitoring URL: MONITORING.md's "Testing Monitoring Setup" as a command."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.checks import fetch
from apps.core.checks.deployment import Deployment
from apps.core.checks.outcome import Failed, Unknown
from apps.core.conf import conf


class Command(BaseCommand):
    help = (
        "Checks the monitoring of a running deployment: Sentry, metrics, probes, and whether"
        " requests are counted. Exit status 0: passed; 1: a step failed; 2: wrong arguments."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 Django's type

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="address of one process: http://localhost:8000")
        parser.add_argument("--token", help="token of the metrics page; default: METRICS_TOKEN")
        parser.add_argument("--path", help="path to request; default: CHECK_LOAD_PATH")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, **options: Any) -> None:
        results = []
        for name, step in _deployment(options).steps():
            outcome, detail = _run(step)
            results.append({"step": name, "outcome": outcome, "detail": detail})
            if not options["json"]:
                self.stdout.write(f"{outcome:<8} {name:<27}  {_printable(detail)}")
                self.stdout.flush()
        passed = all(result["outcome"] != "failed" for result in results)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": passed, "steps": results}))
        if not passed:
            sys.exit(1)


def _deployment(options: dict[str, Any]) -> Deployment:
    try:
        url = fetch.origin(options["url"])
    except Failed as error:
        raise CommandError(str(error), returncode=2) from None
    path = options["path"] or conf.CHECK_LOAD_PATH
    token = options["token"] or conf.METRICS_TOKEN
    if not path.startswith("/") or not _is_header_text(path) or "#" in path:
        raise CommandError(f"--path {path!r} is not a path.", returncode=2)
    if not _is_header_text(token):
        raise CommandError("The token has an invalid character.", returncode=2)
    return Deployment(url=url, token=token, load_path=path)


def _is_header_text(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _run(step: Callable[[], str]) -> tuple[str, str]:
    try:
        return "ok", step()
    except Unknown as error:
        return "skipped", str(error)
    except Failed as error:
        return "failed", str(error)


def _printable(text: str) -> str:
    """On one line, without control characters: a server may have sent them."""
    return "".join(char if char.isprintable() else " " for char in text)
