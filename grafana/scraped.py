#!/usr/bin/env python
"""Says which metrics and labels the dashboards ask for and no process tells.

python grafana/scraped.py http://localhost:8000/metrics/ http://localhost:9808/metrics
"""

import json
import re
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))  # a script is in no package

from prometheus_client.parser import text_string_to_metric_families

from grafana.promql import Selector, selectors
from grafana.shapes import PROMETHEUS, Json

FOLDER = Path(__file__).parent / "dashboards"
SECONDS = 10
FROM_PROMETHEUS = re.compile(r"up|scrape_\w+|ALERTS\w*|\w*:.*")  # the last: recording rules
PUT_ON = {"job", "instance"}
Scraped = dict[str, set[str]]  # the labels of each metric


class Query(NamedTuple):
    place: str
    expr: str


def queries(board: Json) -> Iterator[Query]:
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            if target["datasource"] == PROMETHEUS:
                yield Query(f"{board['uid']}: {panel['title']}", target["expr"])
    for variable in board["templating"]["list"]:
        if values := re.fullmatch(r"label_values\((.+), \w+\)", variable.get("definition", "")):
            yield Query(f"{board['uid']}: ${variable['name']}", values[1])
    for note in board["annotations"]["list"]:
        yield Query(f"{board['uid']}: {note['name']}", note["expr"])


def scrape(urls: list[str]) -> Scraped:
    found: Scraped = {}
    for url in urls:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 the caller's own
            page = answer.read().decode()
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
    return found


def faults(query: Query, scraped: Scraped) -> Iterator[str]:
    for selector in selectors(query.expr):
        if not FROM_PROMETHEUS.fullmatch(selector.metric):
            yield from (f"{query.place}: {what}" for what in _missing(selector, scraped))


def _missing(selector: Selector, scraped: Scraped) -> Iterator[str]:
    metric, asked = selector
    if metric not in scraped:
        yield f"no process tells {metric}"
        return
    for label in sorted(asked - scraped[metric] - PUT_ON):
        yield f"{metric} has no label {label}"


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    scraped = scrape(sys.argv[1:])
    boards = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    asked = [query for board in boards for query in queries(board)]
    found = [fault for query in asked for fault in faults(query, scraped)]
    for fault in found:
        print(fault, file=sys.stderr)
    print(f"queries: {len(asked)}, faults: {len(found)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
