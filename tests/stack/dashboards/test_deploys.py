"""A deploy is annotated once: a release that did not exist five minutes ago."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.boards import boards

pytestmark = pytest.mark.stack

STEP = 15  # seconds, the step of the annotation query
LENGTH = 30 * 60 // STEP


def marks(folder: Path, releases: dict[str, str], *, expected: dict[str, tuple[int, int]]) -> str:
    """The errors of promtool if a release is not annotated from its first to its last step.

    `releases` maps "process release" to the values of `app_build_info`.
    """
    (expression,) = {
        note["expr"]
        for board in boards()
        for note in board["annotations"]["list"]
        if note["name"] == "Deploys"
    }
    steps = [
        {
            "expr": f"group by (release) ({expression})",
            "eval_time": f"{step * STEP}s",
            "exp_samples": [
                {"labels": f'{{release="{release}"}}', "value": 1}
                for release, (first, last) in expected.items()
                if first <= step <= last
            ],
        }
        for step in range(LENGTH)
    ]
    series = [
        {"series": f'app_build_info{{instance="{process}",release="{release}"}}', "values": values}
        for process, release, values in (
            (*name.split(" ", maxsplit=1), values) for name, values in releases.items()
        )
    ]
    test: dict[str, Any] = {
        "rule_files": [],
        "evaluation_interval": f"{STEP}s",
        "tests": [{"interval": f"{STEP}s", "input_series": series, "promql_expr_test": steps}],
    }
    path = folder / "deploys.json"
    path.write_text(json.dumps(test))
    done = subprocess.run(
        ["promtool", "test", "rules", str(path)], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_a_new_release_is_annotated_once(tmp_path: Path) -> None:
    """A rolling deploy: b follows a minute after a, and both get new addresses."""
    releases = {
        "a:1 old": "1x39 stale",
        "b:1 old": "1x43 stale",
        "a:2 new": "_x40 1x80",
        "b:2 new": "_x44 1x76",
    }
    assert marks(tmp_path, releases, expected={"new": (40, 59)}) == ""


def test_a_rollback_is_annotated(tmp_path: Path) -> None:
    releases = {
        "a:1 old": "1x39 stale",
        "a:2 new": "_x40 1x29 stale",
        "a:3 old": "_x70 1x50",
    }
    assert marks(tmp_path, releases, expected={"new": (40, 59), "old": (70, 89)}) == ""


def test_a_restart_and_the_first_start_are_not_annotated(tmp_path: Path) -> None:
    releases = {"a:1 old": "1x39 stale", "a:2 old": "_x41 1x78"}
    assert marks(tmp_path, releases, expected={}) == ""


def test_a_missing_annotation_is_detected(tmp_path: Path) -> None:
    assert "old" in marks(tmp_path, {"a:1 old": "1x119"}, expected={"old": (40, 41)})
