"""manage.py audit_verify [STREAM] [--anchors FILE]: names the first bad entry of each stream."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.events.audit import anchors, chain
from apps.events.audit.chain import Fault
from apps.events.models import EventRecord, Stream

Found = tuple[str, Fault]


class Command(BaseCommand):
    help = (
        "Verifies the audit trail, all of it or one stream, and says of each stream that is wrong"
        " which entry is the first. Exit status 0: nothing is wrong; 1: something is; 2: it was not"
        " possible to tell."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("stream", nargs="?", help="tournament:17; without, all there are")
        parser.add_argument(
            "--anchors",
            metavar="FILE",
            help="log lines, as JSON: what they anchor has to be there still",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        wanted = options["stream"]
        faults: dict[str, Fault] = {}
        verified = 0
        for name in [wanted] if wanted else _streams():
            verified += 1
            if (fault := chain.first_fault(name)) is not None:
                faults[name] = fault
        if options["anchors"]:
            for name, fault in _anchored(options["anchors"], wanted):
                faults.setdefault(name, fault)
        for name, fault in sorted(faults.items()):
            self.stdout.write(f"{name}: {fault}")
        self.stdout.write(f"{verified} streams verified, {len(faults)} broken")
        if faults:
            sys.exit(1)


def _streams() -> Iterator[str]:
    """Those without a head too, whose heads somebody took away."""
    heads = Stream.objects.order_by("name").values_list("name", flat=True)
    headless = EventRecord.objects.exclude(stream_id__in=Stream.objects.values("name"))
    yield from heads.iterator()
    yield from headless.order_by("stream_id").values_list("stream_id", flat=True).distinct()


def _anchored(file: str, wanted: str | None) -> Iterator[Found]:
    found: set[str] = set()
    read = 0
    try:
        with Path(file).open(encoding="utf-8", errors="replace") as lines:
            for anchor in anchors.read(lines):
                read += 1
                if anchor.stream in found or wanted not in (None, anchor.stream):
                    continue
                if (fault := anchors.fault(anchor)) is not None:
                    found.add(anchor.stream)
                    yield anchor.stream, fault
    except OSError as fault:
        raise CommandError(f"{file} cannot be read: {fault.strerror}", returncode=2) from None
    except anchors.NotOurs as where:
        raise CommandError(
            f"{file}, {where}: says that it is an anchor, and is not signed by us", returncode=2
        ) from None
    if not read:
        raise CommandError(f"{file} has no anchors", returncode=2)
