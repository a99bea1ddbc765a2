"""manage.py audit_prune FILE"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.events.audit import exports, pruning


class Command(BaseCommand):
    help = (
        "Removes the records that audit_export wrote to FILE, if FILE and its manifest are valid"
        " and match the database. A checkpoint keeps the chain verifiable."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            spans, signature = exports.read(options["file"])
            removed = pruning.prune(spans, signature)
        except exports.NotExported as error:
            raise CommandError(f"Nothing was removed: {error}") from None
        self.stdout.write(f"Removed {removed} records of {len(spans)} streams")
