"""Causes a fault and follows it: the metric, the alert, the notification, the recovery.

python -m drills [NAME ...] [--on SITE] [--list] [--json]
"""

import argparse
import json
import signal
import sys

from rich.console import Console
from rich.table import Table

from drills.catalogue import BY_NAME, DRILLS
from drills.drill import AlertTimeline
from drills.runner import DrillRunner
from drills.site import SiteUnavailable
from drills.sites import SITES

TABLE_WIDTH = 120  # in a pipe or a log file rich would use 80 columns: too few for the table
out = Console(highlight=False, width=None if sys.stdout.isatty() else TABLE_WIDTH)
log = Console(highlight=False, stderr=True)


def main() -> int:
    options = _options()
    if options.list:
        return _print_list()
    signal.signal(signal.SIGINT, _stop)
    try:
        timelines = _run(options.names or list(BY_NAME), options.on)
    except SiteUnavailable as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        log.print("Stopped. All faults are undone.")
        return 130
    _report(timelines, as_json=options.json)
    return 0 if all(timeline.verdict == "passed" for timeline in timelines) else 1


def _stop(*_: object) -> None:
    """Ctrl-C counts once: a second one must not interrupt the undoing of faults."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drills", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a drill of --list; default: all")
    parser.add_argument(
        "--on",
        choices=[*SITES],
        default=next(iter(SITES)),
        help="where to run; default: %(default)s",
    )
    parser.add_argument("--list", action="store_true", help="list the drills")
    parser.add_argument("--json", action="store_true", help="print the results as JSON on stdout")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in BY_NAME]:
        parser.error(f"unknown drill: {', '.join(unknown)}. Choose from: {', '.join(BY_NAME)}.")
    return options


def _print_list() -> int:
    table = Table("drill", "alerts", "fault", box=None)
    for drill in DRILLS:
        table.add_row(drill.name, ", ".join(drill.alerts), drill.description)
    out.print(table)
    return 0


def _run(names: list[str], on: str) -> list[AlertTimeline]:
    log.print(f"Starting the {on} stack")
    with SITES[on]() as site:
        site.prepare()
        log.print(f"Prometheus: {site.prometheus}  Web: {site.web}")
        runner = DrillRunner(
            site, names, lambda line: log.print(line, markup=False, soft_wrap=True)
        )
        runner.start()
        return runner.timelines()


def _report(timelines: list[AlertTimeline], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([timeline.as_json() for timeline in timelines], indent=2))
        return
    out.print("Seconds from the fault to fired and notified, and from its undoing to resolved:")
    table = Table("drill", "alert", "fired", "notified", "limit", "resolved", "verdict")
    for timeline in timelines:
        times = (timeline.fired, timeline.notified, timeline.limit, timeline.resolved)
        cells = ["-" if time is None else f"{time:.0f}" for time in times]
        color = "green" if timeline.verdict == "passed" else "bold red"
        table.add_row(timeline.drill, timeline.alert, *cells, f"[{color}]{timeline.verdict}[/]")
    out.print(table)
    for timeline in timelines:
        if timeline.note:
            out.print(f"{timeline.drill}: {timeline.note}.")


if __name__ == "__main__":
    sys.exit(main())
