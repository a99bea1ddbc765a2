#!/usr/bin/env python
"""Lists panels for which the given Prometheus has no data. A panel that states why it is empty,
such as with "No exceptions", is not a problem.

python grafana/verify_panels.py http://localhost:9090
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))  # a script has no package

from grafana.layout import with_collapsed
from grafana.promql import with_all_selected
from grafana.shapes import NOT_SCRAPED, PROMETHEUS, Json

FOLDER = Path(__file__).parent / "dashboards"


def empty_panels(board: Json, prometheus: httpx.Client) -> Iterator[Json]:
    for panel in with_collapsed(board["panels"]):
        targets = [each for each in panel.get("targets", []) if each["datasource"] == PROMETHEUS]
        if targets and not any(has_data(each["expr"], prometheus) for each in targets):
            yield panel


def has_data(expression: str, prometheus: httpx.Client) -> bool:
    answer = prometheus.get("/api/v1/query", params={"query": with_all_selected(expression)})
    return bool(answer.raise_for_status().json()["data"]["result"])


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    problems = 0
    with httpx.Client(base_url=sys.argv[1], timeout=30) as prometheus:
        for path in sorted(FOLDER.glob("*.json")):
            board = json.loads(path.read_text())
            for panel in empty_panels(board, prometheus):
                reason = panel["fieldConfig"]["defaults"]["noValue"]
                print(f"{board['uid']}: {panel['title']}: {reason}")
                problems += reason == NOT_SCRAPED
    print(f"problems: {problems}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
