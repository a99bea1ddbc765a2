"""manage.py check_monitoring URL: MONITORING.md's "Testing Monitoring Setup" as a command."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.checks import Failed, Unknown, fetch
from apps.core.checks.deployment import Deployment
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

    def handle(self, *_: Any, **options: Any) -> None:
        token = options["token"] or conf.METRICS_TOKEN
        if not token.isascii() or not token.isprintable() or " " in token:
            raise CommandError("The token has an invalid character.", returncode=2)
        try:
            deployment = Deployment(fetch.origin(options["url"]), token)
        except Failed as error:
            raise CommandError(str(error), returncode=2) from None
        passed = True
        for name, step in deployment.steps():
            try:
                outcome, detail = "ok", step()
            except Unknown as error:
                outcome, detail = "skipped", str(error)
            except Failed as error:
                outcome, detail = "failed", str(error)
                passed = False
            # A server may have sent control characters.
            line = "".join(char if char.isprintable() else " " for char in detail)
            self.stdout.write(f"{outcome:<8} {name:<27}  {line}")
            self.stdout.flush()
        if not passed:
            sys.exit(1)
