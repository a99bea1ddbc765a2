"""manage.py audit_prune FILE: removes from the database what an export has."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.events.audit import exports, pruning


class Command(BaseCommand):
    help = (
        "Removes the records that audit_export wrote to FILE, once FILE and its manifest are found"
        " to be whole, ours, and what the database has. The chains go on from a checkpoint."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            spans, signature = exports.read(options["file"])
            removed = pruning.prune(spans, signature)
        except exports.NotExported as why:
            raise CommandError(f"Nothing is removed: {why}") from None
        self.stdout.write(f"{removed} records of {len(spans)} streams removed")
