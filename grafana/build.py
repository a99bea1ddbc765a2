#!/usr/bin/env python
"""Writes the dashboards in `dashboards/`, which Grafana loads.

python grafana/build.py            write all dashboards
python grafana/build.py --check    exit 1 if a file is not up to date

`boards/` has one module per dashboard, `panels.py` the kinds of panels, `dashboard.py` the parts of
every dashboard, `thresholds.py` reads the alert rules, and `project.py` has the project's name.
`verify_queries.py` checks the queries against the metrics of running processes.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a script has no package

from grafana.boards import every_board
from grafana.shapes import Json

FOLDER = Path(__file__).parent / "dashboards"


def text(board: Json) -> str:
    return json.dumps(board, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    wanted = {FOLDER / f"{board['uid']}.json": text(board) for board in every_board()}
    present = {path: path.read_text() for path in FOLDER.glob("*.json")}
    stale = {path for path, content in wanted.items() if present.get(path) != content}
    stray = present.keys() - wanted.keys()
    if "--check" in sys.argv:
        for path in sorted(stale | stray):
            print(f"{path.name} is out of date: run grafana/build.py", file=sys.stderr)
        return 1 if stale or stray else 0
    for path in stale:
        path.write_text(wanted[path])
        print(f"wrote {path.name}")
    for path in stray:
        path.unlink()
        print(f"removed {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
