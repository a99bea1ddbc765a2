"""Who is woken finds a page, and everything that it names is there.

That its metrics and labels are in a real scrape is shown by `tests/stack/dashboards/test_names.py`.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.worker.control import Panel
from django.core.management import get_commands
from django.db import connection

from deltacrown.celery import app
from drills.catalogue import BY_NAME, DRILLS
from drills.drill import NOTIFY_WITHIN
from tests.prometheus.alerts import ROOT, alerts, names, severities
from tests.prometheus.runbooks import (
    FOLDER,
    commands,
    commands_of,
    fences,
    pages,
    queries,
    runbooks,
    section,
)

SECTIONS = ["What it means", "Look first", "Causes", "Over when", "Practise"]
LONGEST = 50  # lines: a screen
ALL = pytest.mark.parametrize("runbook", pages(), ids=lambda path: path.stem)
EACH = pytest.mark.parametrize("runbook", runbooks(), ids=lambda path: path.stem)
WITH_A_VALUE = {"--since", "--scale", "--format", "--profile"}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
IN_THE_IMAGE = ["/venv/bin/celery", "-A", "deltacrown"]
UNITS = {"s": 1, "m": 60, "h": 3600}


def test_each_alert_has_a_page_and_each_page_an_alert() -> None:
    assert [path.stem for path in runbooks()] == names()


@EACH
def test_a_page_has_the_same_sections_as_all_and_fits_on_a_screen(runbook: Path) -> None:
    lines = runbook.read_text().splitlines()
    assert lines[0] == f"# {runbook.stem}"
    assert [line[3:] for line in lines if line.startswith("## ")] == SECTIONS
    assert len(lines) <= LONGEST
    assert all(section(runbook, title).strip() for title in SECTIONS)
    assert len(re.findall(r"^- ", section(runbook, "Causes"), re.MULTILINE)) >= 3


def test_the_index_names_each_alert_with_its_severity() -> None:
    row = re.compile(r"^\| \[(\w+)\]\((\w+)\.md\) \| (\w+) \| (\S.*) \|$", re.MULTILINE)
    rows = row.findall((FOLDER / "README.md").read_text())
    assert {name: severity for name, _, severity, _ in rows} == severities()
    assert len(rows) == len(names())
    assert all(name == file for name, file, _, _ in rows)


@EACH
def test_a_page_begins_at_the_dashboard_that_the_alert_names(runbook: Path) -> None:
    [url] = {a.rule["annotations"]["dashboard_url"] for a in alerts() if a.name == runbook.stem}
    board = url.removeprefix("{{ $externalLabels.grafana }}")
    assert f"](http://localhost:3000{board})" in section(runbook, "Look first").split("```")[0]


@ALL
def test_its_links_lead_somewhere(runbook: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", runbook.read_text()):
        host, _, board = target.rpartition("/d/")
        path = ROOT / "grafana/dashboards" / f"{board}.json" if host else runbook.parent / target
        assert path.exists(), target


@EACH
def test_the_panels_that_it_names_are_on_their_dashboard(runbook: Path) -> None:
    named = re.findall(r"/d/([\w-]+)\),? \*([^*]+)\*", runbook.read_text())
    for board, title in named:
        panels = json.loads((ROOT / "grafana/dashboards" / f"{board}.json").read_text())["panels"]
        assert title in [panel["title"] for panel in panels], f"{board}: {title}"


@EACH
def test_a_query_comes_with_what_it_is_for(runbook: Path) -> None:
    assert 1 <= len(fences(runbook, "promql")) <= 1
    paragraphs = fences(runbook, "promql")[0].strip().split("\n\n")
    assert 1 <= len(paragraphs) <= 4
    assert all(paragraph.startswith("# ") for paragraph in paragraphs)
    assert all(len(paragraph.splitlines()) >= 2 for paragraph in paragraphs)


@pytest.mark.stack
@EACH
def test_promtool_parses_its_queries(runbook: Path, tmp_path: Path) -> None:
    rules = [
        {"record": f"query_{number}", "expr": query}
        for number, query in enumerate(queries(runbook))
    ]
    path = tmp_path / "queries.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": runbook.stem, "rules": rules}]}))
    command = ["promtool", "check", "rules", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules)} rules found" in done.stdout


@EACH
def test_what_wakes_somebody_can_be_practised(runbook: Path) -> None:
    """And what is promised of the drill is what the drill holds to."""
    practise = section(runbook, "Practise")
    raising = [drill for drill in DRILLS if runbook.stem in drill.alerts]
    assert set(re.findall(r"make drill NAME=([\w-]+)", practise)) == {one.name for one in raising}
    assert bool(raising) == (severities()[runbook.stem] == "critical")
    told = [f"within {one.lag + waits(runbook.stem) + NOTIFY_WITHIN} s" for one in raising]
    assert all(promise in " ".join(practise.split()) for promise in told), told
    assert all(f"`{one.metric}`" in practise for one in raising)
    if not raising:
        [path] = re.findall(r"promtool test rules (\S+)`", practise)
        assert f"alertname: {runbook.stem}," in (ROOT / path).read_text().replace("\n", ",")


def waits(name: str) -> int:
    """The longest `for` of the alert's rules, in seconds."""
    found = [re.findall(r"(\d+)([smh])", alert.for_) for alert in alerts() if alert.name == name]
    return max(sum(int(number) * UNITS[unit] for number, unit in one) for one in found)


# --- Commands -------------------------------------------------------------------------------------


@ALL
def test_its_make_targets_exist(runbook: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target, *variables in commands_of(runbook, "make"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
        for variable in variables:
            assert variable.removeprefix("NAME=") in BY_NAME


@ALL
def test_its_services_are_composes(runbook: Path) -> None:
    for words in commands_of(runbook, "docker", "compose"):
        for service in services(words):
            assert service in COMPOSE["services"], words


def services(words: list[str]) -> list[str]:
    """`docker compose VERB SERVICE...`; of exec and run, what follows is the service's."""
    left = iter(words)
    found = [word for word in left if not _is_option(word, left)]
    verb, *named = found
    assert verb in {"config", "exec", "logs", "ps", "restart", "run", "start", "stop", "up", "down"}
    return named[:1] if verb in {"exec", "run"} else named


def _is_option(word: str, left: Any) -> bool:
    """An option's value is taken from what is left."""
    if word in WITH_A_VALUE:
        value = next(left)
        if word == "--scale":
            assert value.split("=")[0] in COMPOSE["services"]
    return word.startswith("-")


@ALL
def test_its_management_commands_exist(runbook: Path) -> None:
    for words in commands(runbook):
        if "manage.py" in words:
            assert words[words.index("manage.py") + 1] in get_commands()


@ALL
def test_its_celery_commands_exist(runbook: Path) -> None:
    for verb, name in celery(runbook):
        if verb == "call":
            assert name in app.tasks
        else:
            assert Panel.meta[name].type == verb


def celery(runbook: Path) -> list[tuple[str, str]]:
    calls = commands_of(runbook, "docker", "compose", "exec", "worker", *IN_THE_IMAGE)
    return [(verb, name) for verb, name, *_ in calls]


@ALL
def test_its_files_exist(runbook: Path) -> None:
    named = re.findall(r"`((?:prometheus|apps|docs|drills|grafana)/[\w./-]+)`", runbook.read_text())
    checked = [words[-1] for words in commands(runbook) if words[:1] in (["promtool"], ["amtool"])]
    for path in [*named, *checked]:
        assert (ROOT / path).exists(), path


@ALL
def test_its_variables_are_settings(runbook: Path) -> None:
    known = (ROOT / ".env.example").read_text() + (ROOT / "docker-compose.yml").read_text()
    for name in re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`", runbook.read_text()):
        assert re.search(rf"\b{name}\b", known), name


@pytest.mark.postgres
@pytest.mark.django_db
@ALL
def test_its_sql_fits_the_tables(runbook: Path) -> None:
    """Planned and not run: it may end somebody's session."""
    for words in commands_of(runbook, "docker", "compose", "exec", "db", "psql"):
        assert words[:4] == ["-U", "deltacrown", "-d", "deltacrown_db"]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {words[words.index('-c') + 1]}")


@pytest.mark.django_db
@ALL
def test_its_python_runs(runbook: Path) -> None:
    for words in commands(runbook):
        if "shell" in words and "-c" in words:
            exec(words[words.index("-c") + 1], {})


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
@ALL
def test_its_jq_programs_are_programs(runbook: Path) -> None:
    line = {"message": "Task ended", "level": "ERROR", "exc_info": "Traceback", "status": 500}
    for options in (words[1:] for words in commands(runbook) if words[:1] == ["jq"]):
        done = subprocess.run(
            ["jq", *options],
            input=f"no JSON\n{json.dumps(line)}\n",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@ALL
def test_the_log_lines_that_it_looks_for_are_written(runbook: Path) -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "apps").rglob("*.py"))
    wanted = re.findall(r'\.(?:message|event) == "([^"]+)"', runbook.read_text())
    assert [text for text in wanted if f'"{text}"' not in sources] == []
