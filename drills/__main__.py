"""Causes a fault and shows what becomes of it, up to the word on the telephone and the recovery.

python -m drills [NAME ...] [--on SITE] [--list] [--json]
"""

import argparse
import json
import signal
import sys

from rich.console import Console
from rich.table import Table

from drills.catalogue import BY_NAME, DRILLS
from drills.drill import Course
from drills.run import Run
from drills.site import NotHere
from drills.sites import SITES

# A log or a pipe has no width of its own, and rich would take 80 columns: too few for the table.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
log = Console(highlight=False, stderr=True)


def main() -> int:
    options = _options()
    if options.list:
        return _list()
    signal.signal(signal.SIGINT, _stop)
    try:
        courses = _hold(options.names or list(BY_NAME), options.on)
    except NotHere as why:
        sys.exit(str(why))
    except KeyboardInterrupt:
        log.print("Undone and stopped.")
        return 130
    _report(courses, as_json=options.json)
    return 0 if all(course.verdict == "passed" for course in courses) else 1


def _stop(*_: object) -> None:
    """Ctrl-C, once: who presses it again does not keep faults from being undone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drills", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all, where none is given")
    parser.add_argument("--on", choices=[*SITES], default=next(iter(SITES)))
    parser.add_argument("--list", action="store_true", help="the drills there are")
    parser.add_argument("--json", action="store_true", help="results as JSON on stdout")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in BY_NAME]:
        parser.error(f"no drill: {', '.join(unknown)}. There are: {', '.join(BY_NAME)}.")
    return options


def _list() -> int:
    table = Table("drill", "raises", "what happens", box=None)
    for drill in DRILLS:
        table.add_row(drill.name, ", ".join(drill.alerts), drill.what)
    out.print(table)
    return 0


def _hold(names: list[str], on: str) -> list[Course]:
    log.print(f"Starting the {on} stack")
    with SITES[on]() as site:
        site.prepare()
        log.print(f"Prometheus: {site.prometheus}  web: {site.web}")
        run = Run(site, names, lambda line: log.print(line, markup=False, soft_wrap=True))
        run.start()
        return run.courses()


def _report(courses: list[Course], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([course.as_json() for course in courses], indent=2))
        return
    heads = ("drill", "alert", "s to fire", "s to notify", "at most", "s to resolve", "verdict")
    table = Table(*heads, title="Seconds since the fault; to resolve: since it was undone")
    for course in courses:
        times = (course.fired, course.notified, course.limit, course.resolved)
        told = ["-" if time is None else f"{time:.0f}" for time in times]
        colour = "green" if course.verdict == "passed" else "bold red"
        table.add_row(course.drill, course.alert, *told, f"[{colour}]{course.verdict}[/]")
    out.print(table)
    for course in courses:
        if course.note:
            out.print(f"{course.drill}: {course.note}.")


if __name__ == "__main__":
    sys.exit(main())
