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
from grafana.promql import metrics
from tests.boards import FOLDER, VARIABLE, Json, boards, panels, queries

ROOT = FOLDER.parent.parent
RULES = ROOT / "prometheus" / "rules"
PANELS = [(board, panel) for board in boards() for panel in panels(board)]
MOST_PANELS = 17
COLUMNS = 24
FOLD = 22  # lines of 38 pixels that a screen of 1920 by 1080 shows below Grafana's own bars
NO_AMOUNT = {
    "Watchdog": "fires always",
    "JobMissing": "there or not",
    "TargetDown": "there or not",
    "DatabaseDown": "ready or not",
}


def rules() -> list[Json]:
    groups = chain.from_iterable(
        yaml.safe_load(path.read_text())["groups"] for path in sorted(RULES.glob("*.yml"))
    )
    return [rule for group in groups for rule in group["rules"]]


ALERTS = [rule for rule in rules() if "alert" in rule]


def key(alert: Json) -> str:
    """Rules of one name differ by their window."""
    window = alert["labels"].get("window")
    return f"{alert['alert']}/{window}" if window else str(alert["alert"])


def linked(alert: Json) -> Json:
    uid = alert["annotations"]["dashboard_url"].rpartition("/d/")[2]
    return next(board for board in boards() if board["uid"] == uid)


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
    alerts = [alert["annotations"]["dashboard_url"] for alert in ALERTS]
    found = {match[1] for match in re.finditer(r"/d/([\w-]+)", " ".join([*links, *alerts]))}
    assert found <= uids


def test_links_keep_the_time_and_what_was_chosen() -> None:
    links = [link["url"] for _, panel in PANELS for link in panel["links"]]
    assert links
    assert all(url.endswith("?${__url_time_range}&${__all_variables}") for url in links)
    for board in boards():
        assert board["links"][0]["keepTime"]
        assert board["links"][0]["includeVars"]


def test_a_variable_means_the_same_wherever_a_link_takes_it() -> None:
    """`instance` is one of our processes everywhere, and never a machine or an exporter."""
    labels: dict[str, set[str]] = {}
    for variable in chain.from_iterable(board["templating"]["list"] for board in boards()):
        labels.setdefault(variable["name"], set()).add(variable["label"])
    assert {name: len(found) for name, found in labels.items()} == dict.fromkeys(labels, 1)


def test_process_tournament_and_game_can_be_chosen() -> None:
    choices = {
        board["uid"].removeprefix("deltacrown-"): {
            one["name"] for one in board["templating"]["list"]
        }
        for board in boards()
    }
    for board in ("http", "database", "websocket", "celery"):
        assert "instance" in choices[board]
    assert "tournament" in choices["websocket"] & choices["business"]
    assert {"tournament", "game"} <= choices["tournaments"]


@pytest.mark.parametrize("alert", ALERTS, ids=key)
def test_what_an_alert_asks_is_on_the_dashboard_that_it_links_to_and_above_the_fold(
    alert: Json,
) -> None:
    board = linked(alert)
    above = [panel for panel in panels(board) if bottom(panel) <= FOLD]
    shown = [target["expr"] for panel in above for target in panel["targets"]]
    if alert["alert"] == "Watchdog":
        assert any('alertname="Watchdog"' in expression for expression in shown)
    else:
        on_board = set(chain.from_iterable(metrics(expression) for expression in shown))
        assert scraped(alert["expr"]) & scraped(*on_board)


def scraped(*expressions: str) -> set[str]:
    """The metrics of the expressions, through recording rules down to what is scraped."""
    recorded: dict[str, list[str]] = {}
    for rule in rules():
        if "record" in rule:
            recorded.setdefault(rule["record"], []).append(rule["expr"])
    found: set[str] = set()
    for metric in chain.from_iterable(metrics(expression) for expression in expressions):
        found |= scraped(*recorded[metric]) if metric in recorded else {metric}
    return found - {"ALERTS"}


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_the_first_screen_has_all_figures_and_begins_with_them(board: Json) -> None:
    """The Overview begins with the guide's queries, as the guide does."""
    figures = [panel for panel in panels(board) if panel["type"] == "stat"]
    assert figures
    assert all(bottom(panel) <= FOLD for panel in figures)
    if board["uid"] == "deltacrown-overview":
        assert max(map(bottom, panels(board))) <= FOLD
    else:
        assert {panel["type"] for panel in panels(board) if panel["gridPos"]["y"] == 0} >= {"stat"}


def bottom(panel: Json) -> int:
    place = panel["gridPos"]
    return int(place["y"] + place["h"])


@pytest.mark.parametrize(("name", "limit"), LIMITS.items())
def test_a_threshold_is_the_alerts(name: str, limit: Limit) -> None:
    of_alert = [alert for alert in ALERTS if key(alert) == name]
    assert of_alert, f"no rule {name}"
    for rule in of_alert:
        assert rule["labels"]["severity"] == limit.severity
        sign, value = compared_with(rule["expr"])
        assert sign == ("<" if limit.below else ">")
        assert value == pytest.approx(limit.value * limit.per)


@pytest.mark.parametrize("alert", ALERTS, ids=key)
def test_an_alerts_threshold_is_drawn_on_the_dashboard_that_it_links_to(alert: Json) -> None:
    if alert["alert"] in NO_AMOUNT:
        assert key(alert) not in LIMITS
        return
    limit = LIMITS[key(alert)]
    drawn = [
        panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        for panel in panels(linked(alert))
        if limit.sentence(key(alert)) in panel["description"]
    ]
    assert drawn
    for steps in drawn:
        listed = [(step["value"], step["color"]) for step in steps]
        assert set(limit.steps()) <= set(listed)


def test_a_count_has_its_colour_from_the_first_that_is_too_many() -> None:
    assert Limit(0, "critical", counted=True).steps() == [(None, "green"), (1, "red")]
    assert Limit(0.33, "critical").steps() == [(None, "green"), (0.33, "red")]
    assert Limit(0.2, "warning", below=True).steps() == [(None, "orange"), (0.2, "green")]


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
