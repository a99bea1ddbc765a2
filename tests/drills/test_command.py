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


def drills(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "drills", *arguments],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_name_that_is_none_is_refused_with_all_that_are() -> None:
    done = drills("earthquake", "database-stopped")
    assert done.returncode == 2
    named = ", ".join(BY_NAME)
    assert f"no drill: earthquake. There are: {named}." in done.stderr


def test_without_programs_the_line_that_installs_them_is_said() -> None:
    done = drills("database-stopped", PATH="/nowhere")
    assert done.returncode == 1
    [_, line] = done.stderr.splitlines()
    assert line.startswith("Missing: ")
    assert line.endswith("(Debian: apt-get install $(cat tests/debian.txt))")
    packages = (ROOT / "tests/debian.txt").read_text().split()
    assert {"postgresql", "redis-server", "prometheus", "prometheus-alertmanager"} <= {*packages}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "There is no docker on this machine: install it, or ON=native."),
        ("exit 0", "The stack is not up: docker compose up --build --wait"),
        ("echo Cannot connect >&2; exit 1", "--status running: Cannot connect"),
    ],
)
def test_without_a_stack_of_compose_one_line_says_how_to_have_it(
    tmp_path: Path, answer: str | None, said: str
) -> None:
    """By a docker that answers as the real one does without a stack, and without its daemon."""
    if answer is not None:
        docker = tmp_path / "docker"
        docker.write_text(f"#!/bin/sh\n{answer}\n")
        docker.chmod(0o755)
    done = drills("database-stopped", "--on", "compose", PATH=str(tmp_path))
    assert done.returncode == 1
    [_, line] = done.stderr.splitlines()
    assert line.endswith(said)


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
