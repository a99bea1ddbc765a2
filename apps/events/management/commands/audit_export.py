"""manage.py audit_export --before DATE --to FILE"""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.events.audit import exports


class Command(BaseCommand):
    help = (
        "Writes the audit records before a date to FILE and FILE.manifest, and verifies them."
        " Removes nothing: audit_prune removes exported records."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--before", required=True, type=_past_date, metavar="2027-01-31")
        parser.add_argument("--to", required=True, type=Path, metavar="FILE")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            spans = exports.write(options["to"], before=options["before"])
        except (exports.NotExported, OSError) as error:
            raise CommandError(str(error)) from None
        records = sum(span.end - span.start for span in spans)
        self.stdout.write(f"Exported {records} records of {len(spans)} streams to {options['to']}")


def _past_date(text: str) -> datetime:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a date such as 2027-01-31") from None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    if date > timezone.now():
        raise ArgumentTypeError(f"{text} is in the future")
    return date
