"""The boxes that `manage.py check --deploy` looks at: in a project that is not DeltaCrown, and each
where it could be ticked wrongly."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.core.checks import checklist_items
from apps.core.checks.checklist import BOXES, check_boxes
from tests.api.served import ROOT, Served, served
from tests.faulty_servers import Behaviour, misbehaving, says, says_what_is_no_http

NOT_ITS_OWN = ("DJANGO_SETTINGS_MODULE", "PYTHONPATH")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("balanced")) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """As `django-admin startproject` leaves it, with a copy of apps/core."""
    _run(tmp_path, "-m", "django", "startproject", "mysite", ".")
    shutil.copytree(ROOT / "apps" / "core", tmp_path / "apps" / "core")
    (tmp_path / "apps" / "__init__.py").touch()
    with (tmp_path / "mysite" / "settings.py").open("a") as settings:
        settings.write(
            'INSTALLED_APPS = ["django_prometheus", "apps.core", *INSTALLED_APPS]\n'
            'DATABASES["default"]["ENGINE"] = "django_prometheus.db.backends.sqlite3"\n'
        )
    return tmp_path


def _run(folder: Path, *arguments: str) -> str:
    """What it says, whatever its exit status: that is 1 where a check is an error."""
    environment = {name: text for name, text in os.environ.items() if name not in NOT_ITS_OWN}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def opened(look: Any) -> str:
    with pytest.raises(checklist_items.Open) as box:
        look()
    return str(box.value)


def test_a_fresh_project_with_the_kit_alone_gets_the_whole_list(project: Path) -> None:
    told = _run(project, "manage.py", "check", "--deploy")
    assert [box.text for box in BOXES if box.text not in told] == [
        "Install django-prometheus package"
    ]
    assert "There is no PrometheusBeforeMiddleware in MIDDLEWARE." in told
    assert "Verify JSON logging in production: open. The root logger has no handler." in told


def test_logging_of_another_shape_is_looked_at_as_well(project: Path) -> None:
    handler = "{'class': 'logging.StreamHandler', 'formatter': 'mine'}"
    with (project / "mysite" / "settings.py").open("a") as settings:
        settings.write(
            "LOGGING = {'version': 1, 'root': {'handlers': ['out']},"
            " 'formatters': {'mine': {'()': 'pythonjsonlogger.json.JsonFormatter'}},"
            f" 'handlers': {{'out': {handler}}}}}\n"
        )
    assert "Verify JSON logging" not in _run(project, "manage.py", "check", "--deploy")


def test_probes_are_ticked_by_the_application_and_nothing_else(
    server: Served, settings: Any
) -> None:
    settings.PUBLIC_URL = f"{server.origin}/"
    checklist_items.probes()


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (says("200 OK", "<html>Welcome to nginx!</html>"), "Is this DeltaCrown?"),
        (says_what_is_no_http, "what answers speaks no HTTP (BadStatusLine)"),
        (says("301 Moved\r\nLocation: https://crown.example/healthz"), "301 to https://crown.exa"),
        (says("503 Down", "{}"), "503 {}"),
    ],
    ids=["another page", "no HTTP", "a redirect", "unhealthy"],
)
def test_probes_that_are_none_leave_the_box_open(
    settings: Any, behaviour: Behaviour, said: str
) -> None:
    with misbehaving(behaviour) as balancer:
        settings.PUBLIC_URL = balancer.url
        assert said in opened(checklist_items.probes)


def test_what_collects_the_logs_is_one_that_is_known(settings: Any) -> None:
    settings.LOG_AGGREGATION = "nonsense"
    assert opened(checklist_items.aggregation) == (
        "LOG_AGGREGATION is 'nonsense', which is none of loki, elk, cloudwatch."
    )
    for settings.LOG_AGGREGATION in checklist_items.COLLECTORS:
        checklist_items.aggregation()


def test_metrics_that_are_off_have_a_hint_of_their_own(settings: Any) -> None:
    settings.ENABLE_PROMETHEUS = False
    [told] = [message for message in check_boxes() if message.id == "core.W104"]
    assert "ENABLE_PROMETHEUS is 0." in str(told.msg)
    assert told.hint == "Set ENABLE_PROMETHEUS=1."


@pytest.mark.parametrize(("version", "is_open"), [("2.2.0", True), ("2.3.1", False)])
def test_a_django_prometheus_older_than_the_guides_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, is_open: bool
) -> None:
    """What pip leaves of it, found before what is installed."""
    information = tmp_path / f"django_prometheus-{version}.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Name: django-prometheus\nVersion: {version}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    if is_open:
        assert opened(checklist_items.installed) == "It is 2.2.0, older than 2.3.1."
    else:
        checklist_items.installed()


def test_a_dead_mans_switch_that_is_nobodys_is_named(tmp_path: Path, settings: Any) -> None:
    """As it is committed, with somebody's address, and where there is no repository."""
    assert "sends Watchdog to watchdog.invalid, which is nobody" in opened(
        checklist_items.dead_mans_switch
    )
    committed = (ROOT / "prometheus" / "alertmanager.yml").read_text()
    settings.BASE_DIR = tmp_path
    with pytest.raises(checklist_items.Unknown):
        checklist_items.dead_mans_switch()
    (tmp_path / "prometheus").mkdir()
    ours = tmp_path / "prometheus" / "alertmanager.yml"
    ours.write_text(committed.replace(checklist_items.PLACEHOLDER, "switch.example"))
    checklist_items.dead_mans_switch()
