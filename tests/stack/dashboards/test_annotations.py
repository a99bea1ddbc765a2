"""A deploy is one mark at the start of its processes, an alert a mark at its start and its end."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.boards import boards
from tests.programs import run

pytestmark = pytest.mark.stack

Values = dict[str, str]
START = "process_start_time_seconds"


def errors(folder: Path, annotation: str, series: Values, expected: dict[int, Values]) -> str:
    """The errors of promtool if the values of an annotation differ in one of these minutes.

    `series` has a sample per minute, `expected` the values by labels.
    """
    (expression,) = {
        note["expr"]
        for board in boards()
        for note in board["annotations"]["list"]
        if note["name"] == annotation
    }
    queries = [
        {
            "expr": expression,
            "eval_time": f"{minute}m",
            "exp_samples": [
                {"labels": labels, "value": float(value)} for labels, value in samples.items()
            ],
        }
        for minute, samples in expected.items()
    ]
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    test: dict[str, Any] = {
        "rule_files": [],
        "tests": [{"interval": "1m", "input_series": inputs, "promql_expr_test": queries}],
    }
    path = folder / "annotation.json"
    path.write_text(json.dumps(test))
    done = run("promtool", "test", "rules", path)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def process(job: str, instance: str, release: str, start: str, up: str) -> Values:
    labels = f'job="{job}",instance="{instance}"'
    return {
        f'app_build_info{{{labels},release="{release}"}}': up,
        f"{START}{{{labels}}}": start,
    }


def test_a_new_release_is_marked_at_its_first_start(tmp_path: Path) -> None:
    """A rolling deploy: b follows a minute after a, and both get new addresses."""
    series = {
        **process("web", "a:1", "old", "0x4 stale", "1x4 stale"),
        **process("web", "b:1", "old", "0x5 stale", "1x5 stale"),
        **process("web", "a:2", "new", "_x5 290x4", "_x5 1x4"),
        **process("web", "b:2", "new", "_x6 350x3", "_x6 1x3"),
    }
    old, new = '{release="old"}', '{release="new"}'
    expected = {
        4: {old: "0"},
        5: {old: "0", new: "290000"},
        6: {new: "290000"},
        7: {new: "290000"},
        9: {new: "290000"},
    }
    assert errors(tmp_path, "Deploys", series, expected) == ""


def test_a_restart_of_all_processes_is_marked_without_a_release(tmp_path: Path) -> None:
    series = {
        **process("web", "a:1", "unknown", "0x4 290x5", "1x9"),
        **process("worker", "b:1", "unknown", "0x6 400x3", "1x9"),
    }
    label = '{release="unknown"}'
    expected = {4: {label: "0"}, 6: {label: "0"}, 7: {label: "290000"}, 9: {label: "290000"}}
    assert errors(tmp_path, "Deploys", series, expected) == ""


@pytest.mark.parametrize(("annotation", "marked"), [("Alerts", 3), ("Resolved", 8)])
def test_an_alert_is_marked_at_its_start_and_its_end(
    tmp_path: Path, annotation: str, marked: int
) -> None:
    series = {
        'ALERTS{alertname="TargetDown",alertstate="pending"}': "1x2 stale",
        'ALERTS{alertname="TargetDown",alertstate="firing"}': "_x3 1x4 stale",
        'ALERTS{alertname="Watchdog",alertstate="firing"}': "_x3 1x4 stale",
    }
    mark = {'{alertname="TargetDown"}': "1"}
    expected = {minute: mark if minute == marked else {} for minute in range(12)}
    assert errors(tmp_path, annotation, series, expected) == ""
