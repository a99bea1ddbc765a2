"""`python -m drills` at the terminal, and what it is made of."""

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml

from drills.catalogue import BY_NAME, DRILLS, PLAN

ROOT = Path(__file__).parent.parent.parent


def load(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


def processes_with(mark: str) -> list[str]:
    """The command lines of what was started with this in its environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has ended, or is not ours
            continue
    return [command for command in found if command]


def wait_for_line(path: Path, text: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while text not in path.read_text():
        assert time.monotonic() < deadline, path.read_text()
        time.sleep(0.2)


def test_each_alert_that_pages_has_a_drill() -> None:
    pages = {
        rule["alert"]
        for path in (ROOT / "prometheus/rules").glob("*.yml")
        for group in load(str(path))["groups"]
        for rule in group["rules"]
        if rule.get("labels", {}).get("severity") == "critical"
    }
    assert pages
    assert pages == {alert for drill in DRILLS for alert in drill.alerts}


def test_the_plan_has_each_drill_once() -> None:
    planned = [name for phase in PLAN for lane in phase for name in lane]
    assert sorted(planned) == sorted(BY_NAME)


def test_compose_changes_nothing_else_than_it_says() -> None:
    committed = load("docker-compose.yml")["services"]
    drilled = load("drills/compose.yml")["services"]
    more = [*committed["prometheus"]["command"], "--web.enable-admin-api"]
    assert drilled["prometheus"]["command"] == more
    config, *rest = committed["alertmanager"]["command"]
    assert config == "--config.file=/etc/alertmanager/alertmanager.yml"
    assert drilled["alertmanager"]["command"][1:] == rest


def test_the_list_names_every_drill_and_its_alerts() -> None:
    command = [sys.executable, "-m", "drills", "--list"]
    wide = os.environ | {"COLUMNS": "200"}
    done = subprocess.run(command, cwd=ROOT, env=wide, capture_output=True, text=True, check=True)
    for drill in DRILLS:
        assert f"{drill.name} " in done.stdout
        assert ", ".join(drill.alerts) in done.stdout


def test_a_name_that_is_none_is_refused() -> None:
    command = [sys.executable, "-m", "drills", "earthquake"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "earthquake" in done.stderr
    assert "database-stopped" in done.stderr


@pytest.mark.stack
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_undoes_its_fault_and_leaves_nothing_behind(
    tmp_path: Path, ending: signal.Signals
) -> None:
    mark, log = uuid.uuid4().hex, tmp_path / "drills.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "drills", "database-stopped"],
            cwd=ROOT,
            env=os.environ | {"MARK": mark},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for_line(log, "fault ", 90)
        assert len(processes_with(mark)) > 10
        process.send_signal(ending)
        assert process.wait(60) == 128 + ending
        assert "undone" in log.read_text()
        assert processes_with(mark) == []
    finally:
        process.kill()
