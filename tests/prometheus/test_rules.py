"""Every rule says what it has to; promtool sees it fire, keep silent, and do without data."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.prometheus.alerts import ROOT, RULES, Alert, Json, alerts, names

TESTS = sorted((ROOT / "prometheus" / "tests").glob("*.yml"))
SEVERITIES = {"critical", "warning", "none"}
ANNOTATIONS = {"summary", "description", "dashboard_url", "runbook_url"}
ALWAYS_ON = "Watchdog"
UNITS = {"s": 1, "m": 60, "h": 3600}
Change = Callable[[Json], None]
Wanted = Callable[[Json, Json], bool]


def read(path: Path) -> Json:
    """As text: `0x40` is promtool's word for 41 zeros, and YAML's for 64."""
    content: Json = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
    return content


def cases(name: str) -> Iterator[tuple[Json, Json]]:
    """The tests that ask about the alert, and what they ask."""
    for path in TESTS:
        for test in read(path)["tests"]:
            for case in test.get("alert_rule_test", []):
                if case["alertname"] == name:
                    yield test, case


@pytest.mark.parametrize("alert", alerts(), ids=str)
def test_a_rule_says_how_bad_what_where_to_look_and_what_to_do(alert: Alert) -> None:
    assert alert.severity in SEVERITIES
    assert alert.rule["annotations"].keys() == ANNOTATIONS
    assert all(alert.rule["annotations"].values())
    runbook, dashboard = (alert.rule["annotations"][f"{of}_url"] for of in ("runbook", "dashboard"))
    assert runbook == f"{{{{ $externalLabels.runbooks }}}}/{alert.name}.md"
    grafana, _, board = dashboard.rpartition("/d/")
    assert grafana == "{{ $externalLabels.grafana }}"
    assert (ROOT / "grafana" / "dashboards" / f"{board}.json").exists()


@pytest.mark.parametrize("name", names())
def test_an_alert_is_seen_to_fire(name: str) -> None:
    assert [case for _, case in cases(name) if case["exp_alerts"]]


@pytest.mark.parametrize("name", [name for name in names() if name != ALWAYS_ON])
def test_an_alert_is_seen_to_keep_silent_though_there_is_data(name: str) -> None:
    assert [1 for test, case in cases(name) if test["input_series"] and not case["exp_alerts"]]


@pytest.mark.parametrize("name", names())
def test_an_alert_is_seen_without_any_data(name: str) -> None:
    assert [1 for test, _ in cases(name) if not test["input_series"]]


@pytest.mark.stack
def test_promtool_agrees_with_every_case() -> None:
    done = promtool(TESTS)
    assert done.returncode == 0, done.stdout + done.stderr


def fires_never(rule: Json) -> None:
    rule["expr"] = "vector(0) > 1"


def fires_always(rule: Json) -> None:
    rule["expr"] = "vector(1)"
    rule.pop("for", None)


def waits_for_nothing(rule: Json) -> None:
    del rule["for"]


def about_firing(test: Json, case: Json) -> bool:
    return bool(case["exp_alerts"])


def about_silence(test: Json, case: Json) -> bool:
    return bool(test["input_series"]) and not case["exp_alerts"]


@pytest.mark.stack
@pytest.mark.parametrize("alert", alerts(), ids=str)
def test_a_rule_that_cannot_fire_is_found_out(alert: Alert, tmp_path: Path) -> None:
    shortest = own_tests(alert, about_firing)[:1]
    found_out(alert, fires_never, shortest, tmp_path)


@pytest.mark.stack
@pytest.mark.parametrize("alert", [a for a in alerts() if a.name != ALWAYS_ON], ids=str)
def test_a_rule_that_always_fires_is_found_out(alert: Alert, tmp_path: Path) -> None:
    shortest = own_tests(alert, about_silence)[:1]
    found_out(alert, fires_always, shortest, tmp_path)


@pytest.mark.stack
@pytest.mark.parametrize("alert", [a for a in alerts() if "for" in a.rule], ids=str)
def test_a_rule_that_does_not_wait_is_found_out(alert: Alert, tmp_path: Path) -> None:
    found_out(alert, waits_for_nothing, own_tests(alert, about_silence), tmp_path)


def found_out(alert: Alert, change: Change, tests: list[Json], folder: Path) -> None:
    """One of the tests, which pass with the alert's rule, fails with the changed one."""
    write_rules(folder, alert, change)
    changed = (promtool([path]) for path in write_tests(folder, tests))
    failed = next((done for done in changed if done.returncode == 1), None)
    assert failed, "no test fails"
    assert f"alertname: {alert.name}" in failed.stdout + failed.stderr


def own_tests(alert: Alert, wanted: Wanted) -> list[Json]:
    """The alert's own cases of that kind, as a file for each test, the shortest first."""
    found = [
        content | {"tests": [test | {"alert_rule_test": asked, "promql_expr_test": []}]}
        for content in map(read, TESTS)
        for test in content["tests"]
        if (asked := asked_about(alert, test, wanted))
    ]
    return sorted(found, key=lambda content: lasts(content["tests"][0]))


def asked_about(alert: Alert, test: Json, wanted: Wanted) -> list[Json]:
    """Of a rule with a window, what is expected of just that one."""
    asked = [case for case in test.get("alert_rule_test", []) if case["alertname"] == alert.name]
    return [case for case in asked if wanted(test, case) and about_window(alert, case)]


def lasts(test: Json) -> int:
    return max(seconds(case["eval_time"]) for case in test["alert_rule_test"])


def seconds(duration: str) -> int:
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smh])", duration))


def about_window(alert: Alert, case: Json) -> bool:
    window = alert.rule["labels"].get("window")
    windows = [expected["exp_labels"].get("window") for expected in case["exp_alerts"]]
    return not windows or window in windows


def write_rules(folder: Path, alert: Alert, change: Change) -> None:
    (folder / "rules").mkdir(exist_ok=True)
    for path in RULES:
        content = yaml.safe_load(path.read_text())
        for rule in (rule for group in content["groups"] for rule in group["rules"]):
            if rule == alert.rule:
                change(rule)
        (folder / "rules" / path.name).write_text(yaml.safe_dump(content, sort_keys=False))


def write_tests(folder: Path, tests: list[Json]) -> list[Path]:
    (folder / "tests").mkdir(exist_ok=True)
    paths = [folder / "tests" / f"{number}.yml" for number, _ in enumerate(tests)]
    for path, content in zip(paths, tests, strict=True):
        path.write_text(yaml.safe_dump(content))
    return paths


def promtool(tests: list[Path]) -> subprocess.CompletedProcess[str]:
    command = ["promtool", "test", "rules", *map(str, tests)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
