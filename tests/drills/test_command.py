"""`python -m drills` at the terminal, and its catalogue."""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import psutil
import pytest
import yaml

from drills.catalogue import BY_NAME, DRILLS, PLAN
from stack.processes import ROOT
from stack.waiting import wait_until
from tests.programs import run
from tests.prometheus.alerts import alerts

START_TIMEOUT = 150
STOP_TIMEOUT = 60


def processes_with(mark: str) -> list[str]:
    """The command lines of the processes that have the mark in their environment."""
    return [
        " ".join(process.info["cmdline"])
        for process in psutil.process_iter(["environ", "cmdline"])
        if mark in (process.info["environ"] or {}).values() and process.info["cmdline"]
    ]


def test_each_alert_that_pages_has_a_drill() -> None:
    pages = {alert["alert"] for alert in alerts("critical")}
    assert pages
    assert pages == {alert for drill in DRILLS for alert in drill.alerts}


def test_the_plan_has_each_drill_once() -> None:
    planned = [name for phase in PLAN for lane in phase for name in lane]
    assert sorted(planned) == sorted(BY_NAME)


def test_compose_changes_only_the_options_it_names() -> None:
    committed, changed = (
        yaml.safe_load((ROOT / path).read_text())["services"]
        for path in ("docker-compose.yml", "drills/compose.yml")
    )
    prometheus = [*committed["prometheus"]["command"], "--web.enable-admin-api"]
    assert changed["prometheus"]["command"] == prometheus
    config, *options = committed["alertmanager"]["command"]
    assert config == "--config.file=/etc/alertmanager/alertmanager.yml"
    assert changed["alertmanager"]["command"][1:] == options


def test_the_list_names_every_drill_and_its_alerts() -> None:
    done = drills("--list", COLUMNS="200")
    assert done.returncode == 0
    for drill in DRILLS:
        assert f"{drill.name} " in done.stdout
        assert ", ".join(drill.alerts) in done.stdout


def drills(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "drills", *arguments, **environment)


def test_an_unknown_name_is_rejected_with_the_list_of_drills() -> None:
    done = drills("earthquake", "database-stopped")
    assert done.returncode == 2
    assert f"unknown drill: earthquake. Choose from: {', '.join(BY_NAME)}." in done.stderr


def test_missing_programs_are_named_with_the_command_that_installs_them() -> None:
    done = drills("database-stopped", PATH="/nowhere")
    assert done.returncode == 1
    [_, line] = done.stderr.splitlines()
    assert line.startswith("Missing programs: ")
    assert line.endswith("(Debian: apt-get install $(cat tests/debian.txt))")
    packages = (ROOT / "tests/debian.txt").read_text().split()
    assert {"postgresql", "redis-server", "prometheus", "prometheus-alertmanager"} <= {*packages}


@pytest.mark.parametrize(
    ("docker_script", "message"),
    [
        (None, "docker is not installed: install it, or use ON=native."),
        ("exit 0", "The stack is not running. Start it: docker compose up --build --wait"),
        ("echo Cannot connect >&2; exit 1", "--status running: Cannot connect"),
    ],
)
def test_without_a_compose_stack_one_line_explains_how_to_start_it(
    tmp_path: Path, docker_script: str | None, message: str
) -> None:
    """The script responds as docker does without a stack, and without its daemon."""
    if docker_script is not None:
        docker = tmp_path / "docker"
        docker.write_text(f"#!/bin/sh\n{docker_script}\n")
        docker.chmod(0o755)
    done = drills("database-stopped", "--on", "compose", PATH=str(tmp_path))
    assert done.returncode == 1
    [_, line] = done.stderr.splitlines()
    assert line.endswith(message)


@pytest.mark.stack
@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_undoes_the_fault_and_leaves_no_process(
    tmp_path: Path, stop_signal: signal.Signals
) -> None:
    mark, log = uuid.uuid4().hex, tmp_path / "drills.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "drills", "database-stopped"], cwd=ROOT,
            env=os.environ | {"MARK": mark}, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        assert wait_until(lambda: "fault " in log.read_text(), START_TIMEOUT), log.read_text()
        assert len(processes_with(mark)) > 5  # the number depends on the versions of the servers
        process.send_signal(stop_signal)
        assert process.wait(STOP_TIMEOUT) == 128 + stop_signal
        assert "undone" in log.read_text()
        assert processes_with(mark) == []
    finally:
        process.kill()
