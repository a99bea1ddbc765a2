#!/usr/bin/env python
"""Lists metrics and labels that the dashboards query but the given endpoints do not expose.

python grafana/verify_queries.py http://localhost:8000/metrics/ http://localhost:9808/metrics
"""

import json
import re
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))  # a script has no package

from prometheus_client.parser import text_string_to_metric_families

from grafana.layout import with_collapsed
from grafana.promql import Selector, selectors
from grafana.shapes import PROMETHEUS, Json

FOLDER = Path(__file__).parent / "dashboards"
TIMEOUT = 10  # seconds
MADE_BY_PROMETHEUS = re.compile(r"up|scrape_\w+|ALERTS\w*|\w*:.*")  # the last one: recording rules
TARGET_LABELS = {"job", "instance"}
Scraped = dict[str, set[str]]  # the labels of each metric


class Query(NamedTuple):
    location: str
    expr: str


def queries(board: Json) -> Iterator[Query]:
    for panel in with_collapsed(board["panels"]):
        for target in panel.get("targets", []):
            if target["datasource"] == PROMETHEUS:
                yield Query(f"{board['uid']}: {panel['title']}", target["expr"])
    for variable in board["templating"]["list"]:
        if values := re.fullmatch(r"label_values\((.+), \w+\)", variable.get("definition", "")):
            yield Query(f"{board['uid']}: ${variable['name']}", values[1])
    for note in board["annotations"]["list"]:
        yield Query(f"{board['uid']}: {note['name']}", note["expr"])


def scrape(urls: list[str]) -> Scraped:
    metrics: Scraped = {}
    for url in urls:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:  # noqa: S310 given by the caller
            page = response.read().decode()
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                metrics.setdefault(sample.name, set()).update(sample.labels)
    return metrics


def problems(query: Query, scraped: Scraped) -> Iterator[str]:
    for selector in selectors(query.expr):
        if not MADE_BY_PROMETHEUS.fullmatch(selector.metric):
            yield from (f"{query.location}: {problem}" for problem in _missing(selector, scraped))


def _missing(selector: Selector, scraped: Scraped) -> Iterator[str]:
    metric, labels = selector
    if metric not in scraped:
        yield f"no process exposes {metric}"
        return
    for label in sorted(labels - scraped[metric] - TARGET_LABELS):
        yield f"{metric} has no label {label}"


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    scraped = scrape(sys.argv[1:])
    boards = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    checked = [query for board in boards for query in queries(board)]
    found = [problem for query in checked for problem in problems(query, scraped)]
    for problem in found:
        print(problem, file=sys.stderr)
    print(f"queries: {len(checked)}, problems: {len(found)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
