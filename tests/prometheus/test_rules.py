"""Every alert is complete, and promtool tests prove that it fires, stays silent and needs data."""

import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from grafana.promql import metrics
from grafana.thresholds import key
from tests.programs import ROOT, run
from tests.prometheus.alerts import RULES, Json, alerts, rules, seconds

TESTS = sorted((ROOT / "prometheus" / "tests").glob("*.yml"))
SEVERITIES = {"critical", "warning", "none"}
ANNOTATIONS = {"summary", "description", "dashboard_url", "runbook_url"}
ALWAYS_ON = "Watchdog"
CaseFilter = Callable[[Json, Json], bool]


@cache
def read(path: Path) -> Json:
    """Values stay text: `0x40` is 41 zeros for promtool, but the number 64 for YAML."""
    content: Json = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
    return content


@pytest.mark.parametrize("alert", alerts(), ids=key)
def test_an_alert_has_severity_summary_description_dashboard_and_runbook(alert: Json) -> None:
    assert alert["labels"]["severity"] in SEVERITIES
    annotations = alert["annotations"]
    assert annotations.keys() == ANNOTATIONS
    assert all(annotations.values())
    assert annotations["runbook_url"] == f"{{{{ $externalLabels.runbooks }}}}/{alert['alert']}.md"
    grafana, _, board = annotations["dashboard_url"].rpartition("/d/")
    assert grafana == "{{ $externalLabels.grafana }}"
    assert (ROOT / "grafana" / "dashboards" / f"{board}.json").exists()


def test_the_case_without_data_covers_every_alert() -> None:
    no_data = read(ROOT / "prometheus/tests/no_data.yml")
    assert no_data["rule_files"] == ["../rules/*.yml"]
    [test] = no_data["tests"]
    assert test["input_series"] == []
    assert [case["expr"] for case in test["promql_expr_test"]] == [
        'sum by (alertname, job) (ALERTS{alertstate="firing"})'
    ]


@pytest.mark.stack
@pytest.mark.parametrize("tests", TESTS, ids=lambda path: path.stem)
def test_every_case_passes(tests: Path) -> None:
    done = promtool(tests)
    assert done.returncode == 0, done.stdout + done.stderr


def is_firing(test: Json, case: Json) -> bool:
    return bool(case["exp_alerts"])


def is_silent(test: Json, case: Json) -> bool:
    return bool(test["input_series"]) and not case["exp_alerts"]


@pytest.mark.stack
@pytest.mark.parametrize("alert", alerts(), ids=key)
def test_a_rule_that_never_fires_fails_its_tests(alert: Json, tmp_path: Path) -> None:
    shortest = own_tests(alert, is_firing)[:1]
    assert_detected(alert, {"expr": "vector(0) > 1"}, shortest, tmp_path)


@pytest.mark.stack
@pytest.mark.parametrize("alert", [a for a in alerts() if a["alert"] != ALWAYS_ON], ids=key)
def test_a_rule_that_always_fires_fails_its_tests(alert: Json, tmp_path: Path) -> None:
    shortest = own_tests(alert, is_silent)[:1]
    assert_detected(alert, {"expr": "vector(1)", "for": "0s"}, shortest, tmp_path)


@pytest.mark.stack
@pytest.mark.parametrize("alert", [a for a in alerts() if "for" in a], ids=key)
def test_a_rule_without_its_for_fails_its_tests(alert: Json, tmp_path: Path) -> None:
    assert_detected(alert, {"for": "0s"}, own_tests(alert, is_silent), tmp_path)


def assert_detected(alert: Json, change: Json, tests: list[Json], folder: Path) -> None:
    """One of the tests, of which there must be one, fails with the changed rule."""
    write_rules(folder, alert, change)
    changed = (promtool(path) for path in write_tests(folder, tests))
    failed = next((done for done in changed if done.returncode == 1), None)
    assert failed, "the change is not detected"
    assert f"alertname: {alert['alert']}" in failed.stdout + failed.stderr


def own_tests(alert: Json, wanted: CaseFilter) -> list[Json]:
    """One promtool file for each test that has such cases of the alert, the shortest test first."""
    files = [
        content | {"tests": [test | {"alert_rule_test": own, "promql_expr_test": []}]}
        for content in map(read, TESTS)
        for test in content["tests"]
        if (own := own_cases(alert, test, wanted))
    ]
    return sorted(files, key=lambda content: duration(content["tests"][0]))


def own_cases(alert: Json, test: Json, wanted: CaseFilter) -> list[Json]:
    """Of rules that share a name, only those with the `window` label of this one."""
    own = [case for case in test.get("alert_rule_test", []) if case["alertname"] == alert["alert"]]
    return [case for case in own if wanted(test, case) and has_window(alert, case)]


def duration(test: Json) -> int:
    return max(seconds(case["eval_time"]) for case in test["alert_rule_test"])


def has_window(alert: Json, case: Json) -> bool:
    window = alert["labels"].get("window")
    windows = [expected["exp_labels"].get("window") for expected in case["exp_alerts"]]
    return not windows or window in windows


def write_rules(folder: Path, alert: Json, change: Json) -> None:
    """The changed rule, and the recording rules that it reads. The others would only take time."""
    (folder / "rules").mkdir()
    needed = recorded(alert["expr"])
    for path in RULES:
        content = yaml.safe_load(path.read_text())
        for group in content["groups"]:
            group["rules"] = [
                rule | change if rule == alert else rule
                for rule in group["rules"]
                if rule.get("record") in needed or rule == alert
            ]
        (folder / "rules" / path.name).write_text(yaml.safe_dump(content, sort_keys=False))


def recorded(expression: str) -> set[str]:
    """The recorded metrics that the expression reads, directly or through others."""
    read = [rule for rule in rules() if rule.get("record") in metrics(expression)]
    return {rule["record"] for rule in read}.union(*(recorded(rule["expr"]) for rule in read))


def write_tests(folder: Path, tests: list[Json]) -> Iterator[Path]:
    (folder / "tests").mkdir()
    for number, content in enumerate(tests):
        path = folder / "tests" / f"{number}.yml"
        path.write_text(yaml.safe_dump(content))
        yield path


def promtool(tests: Path) -> subprocess.CompletedProcess[str]:
    return run("promtool", "test", "rules", tests)
