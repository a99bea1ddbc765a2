"""manage.py audit_verify [STREAM] [--anchors FILE]"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.events.audit import anchors, chain
from apps.events.audit.chain import Fault
from apps.events.models import EventRecord, Stream


class Command(BaseCommand):
    help = (
        "Verifies the audit trail and prints the first wrong entry of each broken stream."
        " Exit status: 0 for valid, 1 for broken, 2 if the verification was not possible."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("stream", nargs="?", help="for example tournament:17; default: all")
        parser.add_argument(
            "--anchors", metavar="FILE", help="JSON log lines; compares the streams with them too"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        selected = options["stream"]
        faults: dict[str, Fault] = {}
        verified = 0
        for name in [selected] if selected else _streams():
            verified += 1
            if (fault := chain.first_fault(name)) is not None:
                faults[name] = fault
        if options["anchors"]:
            for anchor in _anchors(options["anchors"]):
                if selected not in (None, anchor.stream) or anchor.stream in faults:
                    continue
                if (fault := anchors.check(anchor)) is not None:
                    faults[anchor.stream] = fault
        for name, fault in sorted(faults.items()):
            self.stdout.write(f"{name}: {fault}")
        self.stdout.write(f"{verified} streams verified, {len(faults)} broken")
        if faults:
            sys.exit(1)


def _streams() -> Iterator[str]:
    """Includes streams of which only the head was deleted."""
    heads = Stream.objects.order_by("name").values_list("name", flat=True)
    headless = EventRecord.objects.exclude(stream_id__in=Stream.objects.values("name"))
    yield from heads.iterator()
    yield from headless.order_by("stream_id").values_list("stream_id", flat=True).distinct()


def _anchors(file: str) -> Iterator[anchors.Anchor]:
    empty = True
    try:
        with Path(file).open(encoding="utf-8", errors="replace") as lines:
            for anchor in anchors.read(lines):
                empty = False
                yield anchor
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", returncode=2) from None
    except anchors.InvalidSignature as error:
        raise CommandError(
            f"{file}, {error}: the anchor has an invalid signature", returncode=2
        ) from None
    if empty:
        raise CommandError(f"{file} has no anchors", returncode=2)
