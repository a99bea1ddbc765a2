"""Every alert has a runbook, and everything that a runbook names exists.

`tests/stack/dashboards/test_names.py` checks its metrics and labels against a real scrape.
"""

import json
import re
import shutil
import subprocess
from functools import cache
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
from grafana.thresholds import key
from tests.programs import ROOT, run
from tests.prometheus.alerts import Json, alerts, seconds
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

SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
MAX_LINES = 50
ALL = pytest.mark.parametrize("runbook", pages(), ids=lambda path: path.stem)
EACH = pytest.mark.parametrize("runbook", runbooks(), ids=lambda path: path.stem)
WITH_A_VALUE = {"--since", "--scale", "--format", "--profile"}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
IN_THE_IMAGE = ["celery", "-A", "deltacrown"]


def test_each_alert_has_a_runbook_and_each_runbook_an_alert() -> None:
    assert [path.stem for path in runbooks()] == sorted({alert["alert"] for alert in alerts()})


@EACH
def test_a_runbook_has_the_standard_sections_and_fits_on_a_screen(runbook: Path) -> None:
    lines = runbook.read_text().splitlines()
    pages = {alert["alert"] for alert in alerts("critical")}
    practice = ["Practice"] if runbook.stem in pages else []
    assert lines[0] == f"# {runbook.stem}"
    assert [line[3:] for line in lines if line.startswith("## ")] == SECTIONS + practice
    assert len(lines) <= MAX_LINES
    assert all(section(runbook, title).strip() for title in SECTIONS)
    assert len(re.findall(r"^- ", section(runbook, "Mitigation"), re.MULTILINE)) >= 3


@EACH
def test_diagnosis_starts_at_the_dashboard_of_the_alert(runbook: Path) -> None:
    own = [alert for alert in alerts() if alert["alert"] == runbook.stem]
    [url] = {alert["annotations"]["dashboard_url"] for alert in own}
    board = url.removeprefix("{{ $externalLabels.grafana }}")
    assert f"](http://localhost:3000{board})" in section(runbook, "Diagnosis").split("```")[0]


@ALL
def test_its_links_resolve(runbook: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", runbook.read_text()):
        host, _, board = target.rpartition("/d/")
        path = ROOT / "grafana/dashboards" / f"{board}.json" if host else runbook.parent / target
        assert path.exists(), target


@EACH
def test_the_panels_that_it_names_are_on_their_dashboard(runbook: Path) -> None:
    references = re.findall(r"/d/([\w-]+)\),? \*([^*]+)\*", runbook.read_text())
    for board, title in references:
        panels = json.loads((ROOT / "grafana/dashboards" / f"{board}.json").read_text())["panels"]
        assert " ".join(title.split()) in [panel["title"] for panel in panels], f"{board}: {title}"


@EACH
def test_every_query_has_a_comment(runbook: Path) -> None:
    [queries] = fences(runbook, "promql")
    paragraphs = queries.strip().split("\n\n")
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
    done = run("promtool", "check", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules)} rules found" in done.stdout


@pytest.mark.parametrize("alert", alerts("critical"), ids=key)
def test_a_critical_alert_has_a_drill_with_the_metric_and_time_in_its_runbook(alert: Json) -> None:
    practice = " ".join(section(FOLDER / f"{alert['alert']}.md", "Practice").split())
    drills = [drill for drill in DRILLS if alert["alert"] in drill.alerts]
    assert set(re.findall(r"make drill NAME=([\w-]+)", practice)) == {
        drill.name for drill in drills
    }
    for drill in drills:
        limit = drill.lag + seconds(alert.get("for", "0s")) + NOTIFY_WITHIN
        assert f"within {limit} s" in practice
        assert f"`{drill.metric}`" in practice


# --- Commands -------------------------------------------------------------------------------------


@ALL
def test_its_make_targets_exist(runbook: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target, *variables in commands_of(runbook, "make"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
        for variable in variables:
            assert variable.removeprefix("NAME=") in BY_NAME


@ALL
def test_its_services_are_in_compose(runbook: Path) -> None:
    for words in commands_of(runbook, "docker", "compose"):
        for service in services(words):
            assert service in COMPOSE["services"], words


def services(words: list[str]) -> list[str]:
    """The services of `docker compose VERB SERVICE...`; exec and run take one."""
    rest = iter(words)
    verb, *names = [word for word in rest if not _is_option(word, rest)]
    assert verb in {"config", "exec", "logs", "ps", "restart", "run", "start", "stop", "up", "down"}
    return names[:1] if verb in {"exec", "run"} else names


def _is_option(word: str, rest: Any) -> bool:
    """Takes the value of an option from `rest`."""
    if word in WITH_A_VALUE:
        value = next(rest)
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
    paths = re.findall(r"`((?:prometheus|apps|docs|drills|grafana)/[\w./-]+)`", runbook.read_text())
    checked = [words[-1] for words in commands(runbook) if words[:1] in (["promtool"], ["amtool"])]
    for path in [*paths, *checked]:
        assert (ROOT / path).exists(), path


@ALL
def test_its_variables_are_settings(runbook: Path) -> None:
    settings = (ROOT / ".env.example").read_text() + (ROOT / "docker-compose.yml").read_text()
    for name in re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`", runbook.read_text()):
        assert re.search(rf"\b{name}\b", settings), name


@pytest.mark.postgres
@pytest.mark.django_db
@ALL
def test_its_sql_matches_the_schema(runbook: Path) -> None:
    """Planned, not executed: some statements terminate sessions."""
    for words in commands_of(runbook, "docker", "compose", "exec", "db", "psql"):
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
def test_its_jq_programs_are_valid(runbook: Path) -> None:
    line = {"message": "Task ended", "level": "ERROR", "exc_info": "Traceback", "status": 500}
    for options in (words[1:] for words in commands(runbook) if words[:1] == ["jq"]):
        lines = f"no JSON\n{json.dumps(line)}\n"
        subprocess.run(["jq", *options], input=lines, capture_output=True, text=True, check=True)


@ALL
def test_the_log_messages_that_it_searches_for_exist(runbook: Path) -> None:
    messages = re.findall(r'\.(?:message|event) == "([^"]+)"', runbook.read_text())
    assert [text for text in messages if f'"{text}"' not in sources()] == []


@cache
def sources() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "apps").rglob("*.py"))
