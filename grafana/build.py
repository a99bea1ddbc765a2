#!/usr/bin/env python
"""Writes the dashboards in `dashboards/`, which Grafana reads as they are.

python grafana/build.py            write them
python grafana/build.py --check    exit 1 where a file is not what this would write

`boards/` has one module per dashboard, `panels.py` what they are made of, `dashboard.py` what they
have in common, `limits.py` the values at which the alerts fire, `project.py` the project's name.
`scraped.py` holds their queries against what the processes tell.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a script is in no package

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
            print(f"{path.name} is not what grafana/build.py writes", file=sys.stderr)
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
