"""manage.py audit_export --before DATE --to FILE: records of before a date, in a signed file."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.events.audit import exports


class Command(BaseCommand):
    help = (
        "Writes the audit records of before a date to FILE and FILE.manifest, and reads them back."
        " Nothing is removed: that is audit_prune's, which takes what this wrote."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--before", required=True, type=_date, metavar="2027-01-31")
        parser.add_argument("--to", required=True, type=Path, metavar="FILE")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            spans = exports.write(options["to"], before=options["before"])
        except (exports.NotExported, OSError) as why:
            raise CommandError(str(why)) from None
        records = sum(span.end - span.start for span in spans)
        self.stdout.write(f"{records} records of {len(spans)} streams are in {options['to']}")


def _date(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no date: 2027-01-31") from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if found > timezone.now():
        raise ArgumentTypeError(f"{text} is yet to come")
    return found
