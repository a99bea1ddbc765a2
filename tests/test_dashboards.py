"""Dashboards are complete, up to date, and consistent with the alerts."""

import json
import re
import sys
from collections import Counter
from itertools import chain
from typing import Any

import pytest
import yaml

from grafana.promql import VARIABLE, metrics
from grafana.thresholds import Threshold, alerts, key, thresholds
from tests.boards import FOLDER, Json, boards, panels, queries
from tests.programs import ROOT, run
from tests.prometheus.alerts import rules

PANELS = [(board, panel) for board in boards() for panel in panels(board)]
MAX_PANELS = 17  # those in collapsed rows are loaded later
COLUMNS = 24
PIXELS_PER_COLUMN = 50.3  # at 1280 pixels
PIXELS_PER_LETTER = 7.6  # on average
ICON = 32  # of the description, and of a link
FOLD = 22  # grid rows of 38 pixels that a 1920 x 1080 screen shows below the bars of Grafana
WITHOUT_THRESHOLD = {
    "Watchdog": "always fires",
    "JobMissing": "up or down",
    "TargetDown": "up or down",
    "DatabaseDown": "ready or not",
}

ALERTS = list(alerts())
VARIABLES = {
    board["uid"]: {variable["name"] for variable in board["templating"]["list"]}
    for board in boards()
}


def linked(alert: Json) -> Json:
    uid = alert["annotations"]["dashboard_url"].rpartition("/d/")[2]
    return next(board for board in boards() if board["uid"] == uid)


def name(board_and_panel: tuple[Json, Json]) -> str:
    board, panel = board_and_panel
    return f"{board['uid']}: {panel['title']}"


def test_the_committed_dashboards_are_up_to_date() -> None:
    done = run(sys.executable, "grafana/build.py", "--check")
    assert done.returncode == 0, done.stderr


def test_file_name_uid_and_tag_of_a_dashboard_match() -> None:
    assert sorted(f"{board['uid']}.json" for board in boards()) == sorted(
        path.name for path in FOLDER.glob("*.json")
    )
    assert all(board["tags"] == ["deltacrown"] for board in boards())
    assert max(Counter(board["title"] for board in boards()).values()) == 1


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_a_dashboard_fits_grafana_12_and_is_not_overloaded(board: Json) -> None:
    assert board["schemaVersion"] >= 39
    assert sum(panel["type"] != "row" for panel in board["panels"]) <= MAX_PANELS
    assert len({panel["id"] for panel in panels(board)}) == len(panels(board))
    assert board["links"][0]["tags"] == ["deltacrown"]
    assert {note["name"] for note in board["annotations"]["list"]} == {
        *("Deploys", "Alerts", "Resolved")
    }


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_panels_do_not_overlap_and_fill_every_line(board: Json) -> None:
    for grid in (board["panels"], *(row.get("panels", []) for row in board["panels"])):
        taken = cells_of(grid)
        lines = {y for _, y in taken}
        assert len(taken) == COLUMNS * len(lines)


def cells_of(grid: list[Json]) -> set[tuple[int, int]]:
    taken: set[tuple[int, int]] = set()
    for panel in grid:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells
        assert place["x"] + place["w"] <= COLUMNS
        taken |= cells
    return taken


@pytest.mark.parametrize("board_and_panel", PANELS, ids=name)
def test_a_title_is_not_cut_at_1280_pixels(board_and_panel: tuple[Json, Json]) -> None:
    _, panel = board_and_panel
    pixels = panel["gridPos"]["w"] * PIXELS_PER_COLUMN - ICON - ICON * len(panel["links"])
    assert len(panel["title"]) * PIXELS_PER_LETTER <= pixels


@pytest.mark.parametrize("board_and_panel", PANELS, ids=name)
def test_a_panel_has_description_unit_and_legends(board_and_panel: tuple[Json, Json]) -> None:
    _, panel = board_and_panel
    assert re.fullmatch(r"[A-Z1-9].+[.]", panel["description"])
    assert panel["fieldConfig"]["defaults"]["unit"]
    for target in panel["targets"]:
        assert target["legendFormat"]
        assert target["datasource"]["uid"] in ("${datasource}", "loki")


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_its_variables_are_those_that_its_panels_use(board: Json) -> None:
    queries = " ".join(target["expr"] for panel in panels(board) for target in panel["targets"])
    queried = {name for name in VARIABLE.findall(queries) if not name.startswith("__")}
    used = VARIABLE.findall(json.dumps(board["panels"]).replace("${", "$"))
    assert queried <= VARIABLES[board["uid"]] <= set(used)


def test_links_lead_to_dashboards_and_keep_the_time_range_and_the_variables() -> None:
    links = [link["url"] for _, panel in PANELS for link in panel["links"]]
    urls = [alert["annotations"]["dashboard_url"] for alert in ALERTS]
    uids = {uid for url in [*links, *urls] for uid in re.findall(r"/d/([\w-]+)", url)}
    assert uids <= {board["uid"] for board in boards()}
    assert links
    assert all(url.endswith("?${__url_time_range}&${__all_variables}") for url in links)
    for board in boards():
        assert board["links"][0]["keepTime"]
        assert board["links"][0]["includeVars"]


def test_a_series_link_fills_variables_of_its_dashboard() -> None:
    links = re.findall(r"/d/([\w-]+)\?([^\"]+)", json.dumps([panel for _, panel in PANELS]))
    filled = [(uid, set(re.findall(r"var-(\w+)=", query))) for uid, query in links]
    assert any(names for _, names in filled)
    assert all(names <= VARIABLES[uid] for uid, names in filled)


def test_a_variable_has_the_same_meaning_on_every_dashboard() -> None:
    """`instance` is always an application process, never a host or an exporter."""
    labels: dict[str, set[str]] = {}
    for variable in chain.from_iterable(board["templating"]["list"] for board in boards()):
        labels.setdefault(variable["name"], set()).add(variable["label"])
    assert {name: len(values) for name, values in labels.items()} == dict.fromkeys(labels, 1)


def test_process_tournament_and_game_are_variables() -> None:
    for board in ("http", "database", "websocket", "celery", "host", "security"):
        assert {"datasource", "job", "instance"} <= VARIABLES[f"deltacrown-{board}"]
    for board in ("websocket", "business", "tournaments"):
        assert "tournament" in VARIABLES[f"deltacrown-{board}"]
    assert "game" in VARIABLES["deltacrown-tournaments"]


@pytest.mark.parametrize("alert", ALERTS, ids=key)
def test_the_metric_of_an_alert_is_above_the_fold_of_its_dashboard(alert: Json) -> None:
    board = linked(alert)
    above = [panel for panel in panels(board) if bottom(panel) <= FOLD]
    shown = [target["expr"] for panel in above for target in panel["targets"]]
    if alert["alert"] == "Watchdog":
        assert any('alertname="Watchdog"' in expression for expression in shown)
    else:
        on_board = set(chain.from_iterable(metrics(expression) for expression in shown))
        assert scraped(alert["expr"]) & scraped(*on_board)


def scraped(*expressions: str) -> set[str]:
    """The scraped metrics that the expressions read, directly or through recording rules."""
    recorded: dict[str, list[str]] = {}
    for rule in rules():
        if "record" in rule:
            recorded.setdefault(rule["record"], []).append(rule["expr"])
    result: set[str] = set()
    for metric in chain.from_iterable(metrics(expression) for expression in expressions):
        result |= scraped(*recorded[metric]) if metric in recorded else {metric}
    return result - {"ALERTS"}


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_stat_panels_come_first_and_all_open_rows_are_on_two_screens(board: Json) -> None:
    assert max(map(bottom, board["panels"])) <= 2 * FOLD
    stats = [panel for panel in panels(board) if panel["type"] == "stat"]
    assert stats
    assert all(bottom(panel) <= FOLD for panel in stats)
    assert {panel["type"] for panel in panels(board) if panel["gridPos"]["y"] == 0} >= {"stat"}
    if board["uid"] == "deltacrown-overview":
        assert max(map(bottom, panels(board))) <= FOLD


def bottom(panel: Json) -> int:
    place = panel["gridPos"]
    return int(place["y"] + place["h"])


@pytest.mark.parametrize(
    ("alert", "threshold"),
    [
        ("HighErrorRate", Threshold(0.33, "critical")),
        ("CertificateExpires", Threshold(14 * 86400, "warning", below=True)),
        ("WebSocketQueueBacklog", Threshold(0.8, "warning")),
        ("DatabasePoolExhausted", Threshold(0, "critical")),
        ("JourneyBurnsFast/6h", Threshold(0.006, "critical")),
    ],
)
def test_a_threshold_is_read_from_the_rule(alert: str, threshold: Threshold) -> None:
    assert thresholds()[alert] == threshold


@pytest.mark.parametrize(
    "alert", [alert for alert in ALERTS if alert["alert"] not in WITHOUT_THRESHOLD], ids=key
)
def test_the_threshold_of_an_alert_is_drawn_on_its_dashboard(alert: Json) -> None:
    threshold = thresholds()[key(alert)]
    drawn = [
        panel["fieldConfig"]["defaults"]
        for panel in panels(linked(alert))
        if f"{alert['alert']} ({threshold.severity}) fires" in panel["description"]
    ]
    assert drawn
    assert any(
        set(threshold.steps(defaults["unit"]))
        <= {(step["value"], step["color"]) for step in defaults["thresholds"]["steps"]}
        for defaults in drawn
    )


@pytest.mark.parametrize(
    ("threshold", "unit", "steps", "limit"),
    [
        (Threshold(0, "critical"), "short", [(None, "green"), (1, "red")], "above 0."),
        (Threshold(0.33, "critical"), "reqps", [(None, "green"), (0.33, "red")], "above 0.33/s."),
        (Threshold(0.0144, "critical"), "x", [(None, "green"), (14.4, "red")], "above 14.4."),
        (
            Threshold(0.2, "warning", below=True),
            "percentunit",
            [(None, "orange"), (0.2, "green")],
            "below 20%.",
        ),
    ],
    ids=["count", "rate", "burn rate", "ratio"],
)
def test_a_threshold_is_drawn_in_the_unit_of_its_panel(
    threshold: Threshold, unit: str, steps: list[tuple[float | None, str]], limit: str
) -> None:
    assert threshold.steps(unit) == steps
    assert threshold.sentence("A", unit) == f"A ({threshold.severity}) fires {limit}"


@pytest.mark.parametrize("query", queries("loki"), ids=lambda query: query.name)
def test_a_loki_query_is_valid_logql(query: Any) -> None:
    assert re.fullmatch(LOGQL, query.expr), query.expr


_STRING = r'"[^"]*"'
_STREAMS = rf"\{{\w+=~?{_STRING}(?:,\w+=~?{_STRING})*\}}"
_STAGE = rf" \|(?: json|[=~] {_STRING}| \w+=~?{_STRING})"
_LINES = rf"{_STREAMS}(?:{_STAGE})*"
_COUNTS = rf"sum(?: by \(\w+\))? ?\(count_over_time\({_LINES}\[[\w$]+\]\)\)(?: or vector\(0\))?"
LOGQL = rf"{_LINES}|{_COUNTS}"


def test_the_provisioned_data_sources_are_those_of_the_panels() -> None:
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
