"""Dashboards are whole: said in words, in units, up to date, and of one mind with the alerts."""

import math
import re
import subprocess
import sys
from collections import Counter
from itertools import chain
from typing import Any

import pytest
import yaml

from grafana.limits import LIMITS, Limit
from tests.boards import FOLDER, VARIABLE, Json, boards, panels, queries

ROOT = FOLDER.parent.parent
RULES = ROOT / "prometheus" / "rules"
PANELS = [(board, panel) for board in boards() for panel in panels(board)]
MOST_PANELS = 17
COLUMNS = 24


def rules() -> list[Json]:
    groups = chain.from_iterable(
        yaml.safe_load(path.read_text())["groups"] for path in sorted(RULES.glob("*.yml"))
    )
    return [rule for group in groups for rule in group["rules"]]


def name(board_and_panel: tuple[Json, Json]) -> str:
    board, panel = board_and_panel
    return f"{board['uid']}: {panel['title']}"


def test_the_committed_files_are_what_the_modules_say() -> None:
    done = subprocess.run(
        [sys.executable, "grafana/build.py", "--check"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_a_dashboards_file_uid_and_tag_go_together() -> None:
    assert sorted(f"{board['uid']}.json" for board in boards()) == sorted(
        path.name for path in FOLDER.glob("*.json")
    )
    assert all(board["tags"] == ["deltacrown"] for board in boards())
    assert max(Counter(board["title"] for board in boards()).values()) == 1


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_a_dashboard_fits_grafana_12_and_the_eye(board: Json) -> None:
    assert board["schemaVersion"] >= 39
    assert len(panels(board)) <= MOST_PANELS
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert board["links"][0]["tags"] == ["deltacrown"]
    assert {note["name"] for note in board["annotations"]["list"]} == {"Deploys", "Alerts"}


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_panels_do_not_lie_on_each_other(board: Json) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells
        assert place["x"] + place["w"] <= COLUMNS
        taken |= cells


@pytest.mark.parametrize("found", PANELS, ids=name)
def test_a_panel_says_what_it_shows(found: tuple[Json, Json]) -> None:
    _, panel = found
    assert re.fullmatch(r"[A-Z1-9].+[.]", panel["description"])
    assert panel["fieldConfig"]["defaults"]["unit"]
    for target in panel["targets"]:
        assert target["legendFormat"]
        assert target["datasource"]["uid"] in ("prometheus", "loki")


@pytest.mark.parametrize("found", PANELS, ids=name)
def test_variables_are_declared_and_used(found: tuple[Json, Json]) -> None:
    board, panel = found
    declared = {variable["name"] for variable in board["templating"]["list"]}
    used = set(VARIABLE.findall(" ".join(target["expr"] for target in panel["targets"])))
    assert {variable for variable in used if not variable.startswith("__")} <= declared


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_no_variable_is_idle(board: Json) -> None:
    asked = " ".join(target["expr"] for panel in panels(board) for target in panel["targets"])
    for variable in board["templating"]["list"]:
        assert f"${variable['name']}" in asked


def test_links_lead_to_dashboards_that_exist() -> None:
    uids = {board["uid"] for board in boards()}
    links = [link["url"] for _, panel in PANELS for link in panel["links"]]
    alerts = [rule["annotations"].get("dashboard_url", "") for rule in rules() if "alert" in rule]
    linked = {match[1] for match in re.finditer(r"/d/([\w-]+)", " ".join([*links, *alerts]))}
    assert linked <= uids


@pytest.mark.parametrize(("alert", "limit"), LIMITS.items())
def test_a_threshold_is_the_alerts(alert: str, limit: Limit) -> None:
    of_alert = [rule for rule in rules() if rule.get("alert") == alert]
    assert of_alert, f"no rule {alert}"
    for rule in of_alert:
        assert rule["labels"]["severity"] == limit.severity
        assert compared_with(rule["expr"]) == ("<" if limit.below else ">", limit.value)


def compared_with(expression: str) -> tuple[str, float]:
    """The first comparison with a number: `< 14 * 86400` is ("<", 1209600)."""
    unquoted = re.sub(r'"[^"]*"', "", expression)
    found = re.search(r"([<>])\s*([\d.]+(?:\s*\*\s*\d[\d.]*)*)", unquoted)
    assert found
    return found[1], math.prod(float(factor) for factor in found[2].split("*"))


@pytest.mark.parametrize("shown", queries("loki"), ids=lambda shown: shown.name)
def test_a_query_of_logs_is_logql(shown: Any) -> None:
    assert re.fullmatch(LOGQL, shown.expr), shown.expr


_STRING = r'"[^"]*"'
_STREAMS = rf"\{{\w+=~?{_STRING}(?:,\w+=~?{_STRING})*\}}"
_STAGE = rf" \|(?: json|[=~] {_STRING}| \w+=~?{_STRING})"
_LINES = rf"{_STREAMS}(?:{_STAGE})*"
_COUNTS = rf"sum(?: by \(\w+\))? ?\(count_over_time\({_LINES}\[[\w$]+\]\)\)(?: or vector\(0\))?"
LOGQL = rf"{_LINES}|{_COUNTS}"


def test_the_data_sources_are_those_that_panels_ask() -> None:
    folder = ROOT / "grafana/provisioning/datasources"
    files = [yaml.safe_load(path.read_text()) for path in folder.glob("*.yml")]
    provisioned = {source["uid"]: source for file in files for source in file["datasources"]}
    assert provisioned.keys() == {"prometheus", "loki"}
    destinations = provisioned["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]
    assert {destination["name"] for destination in destinations} == {"trace_id"}
    derived = provisioned["loki"]["jsonData"]["derivedFields"]
    line = '{"request_id":"ab-1","trace_id":"0123456789abcdef0123456789abcdef"}'
    for field in derived:
        assert re.search(field["matcherRegex"], line), field["name"]
