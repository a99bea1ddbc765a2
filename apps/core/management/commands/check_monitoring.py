"""manage.py check_monitoring URL: MONITORING.md's "Testing Monitoring Setup", in one command."""

import json
import sys
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.core.checks.deployment import Deployment, Failed, Skipped


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
        url = urlsplit(options["url"])
        if url.scheme not in ("http", "https") or not url.hostname:
            raise CommandError(f"{options['url']} is no http or https URL.", returncode=2)
        deployment = Deployment(
            url=f"{url.scheme}://{url.netloc}",
            token=options["token"] or settings.METRICS_TOKEN,
            load_path=options["path"],
        )
        rows = [(name, *_taken(step)) for name, step in deployment.steps()]
        self.stdout.write(_as_json(rows) if options["json"] else _as_table(rows))
        if any(outcome == "failed" for _, outcome, _ in rows):
            sys.exit(1)


Row = tuple[str, str, str]


def _taken(step: Any) -> tuple[str, str]:
    try:
        return "ok", step()
    except Skipped as why:
        return "skipped", str(why)
    except Failed as why:
        return "failed", str(why)


def _as_table(rows: list[Row]) -> str:
    width = max(len(name) for name, _, _ in rows)
    return "\n".join(f"{outcome:<8} {name:<{width}}  {said}" for name, outcome, said in rows)


def _as_json(rows: list[Row]) -> str:
    steps = [{"step": name, "outcome": outcome, "said": said} for name, outcome, said in rows]
    return json.dumps({"ok": all(row[1] != "failed" for row in rows), "steps": steps})
