"""The checklist of `manage.py check --deploy`: in a fresh project, and items that are easy to
verify wrongly."""

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from apps.core.checks import Failed, Unknown, checklist
from apps.core.checks.checklist import CHECKLIST
from tests.faulty_servers import Behavior, faulty_server, is_not_http, responds
from tests.programs import ROOT, run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project from `django-admin startproject`, with a copy of apps/core."""
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
    """The output. The exit status is 1 if a check is an error."""
    environment = {"DJANGO_SETTINGS_MODULE": "mysite.settings", "PYTHONPATH": ""}
    done = run(sys.executable, *arguments, cwd=folder, **environment)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def reason(verify: Any) -> str:
    with pytest.raises(Failed) as item:
        verify()
    return str(item.value)


def test_a_fresh_project_gets_the_whole_list(project: Path) -> None:
    output = _run(project, "manage.py", "check", "--deploy")
    assert [text for text, _ in CHECKLIST.values() if text not in output] == [
        "Install django-prometheus package"
    ]
    assert "PrometheusBeforeMiddleware is not in MIDDLEWARE." in output
    assert "Verify JSON logging in production: open. The root logger has no handler." in output


def test_a_logging_configuration_of_the_project_is_verified(project: Path) -> None:
    handler = "{'class': 'logging.StreamHandler', 'formatter': 'mine'}"
    with (project / "mysite" / "settings.py").open("a") as settings:
        settings.write(
            "LOGGING = {'version': 1, 'root': {'handlers': ['out']},"
            " 'formatters': {'mine': {'()': 'pythonjsonlogger.json.JsonFormatter'}},"
            f" 'handlers': {{'out': {handler}}}}}\n"
        )
    assert "Verify JSON logging" not in _run(project, "manage.py", "check", "--deploy")


@pytest.mark.parametrize(
    ("behavior", "message"),
    [
        (is_not_http, "not an HTTP response (BadStatusLine)"),
        (responds("503 Down", "{}"), "503 {}"),
    ],
    ids=["not HTTP", "unhealthy"],
)
def test_other_responses_leave_the_item_open(
    settings: Any, behavior: Behavior, message: str
) -> None:
    with faulty_server(behavior) as balancer:
        settings.PUBLIC_URL = balancer.url
        assert message in reason(checklist.probes)


def test_only_known_log_collectors_verify_the_item(settings: Any) -> None:
    settings.LOG_AGGREGATION = "nonsense"
    assert reason(checklist.aggregation) == (
        "LOG_AGGREGATION is 'nonsense', not one of loki, elk, cloudwatch."
    )
    for settings.LOG_AGGREGATION in checklist.COLLECTORS:
        checklist.aggregation()


@pytest.mark.parametrize(("version", "is_open"), [("2.2.0", True), ("2.3.1", False)])
def test_a_django_prometheus_older_than_the_guide_requires_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, is_open: bool
) -> None:
    """Metadata that Python finds before the installed package's."""
    information = tmp_path / f"django_prometheus-{version}.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Name: django-prometheus\nVersion: {version}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    if is_open:
        assert reason(checklist.django_prometheus) == "Version 2.2.0 is older than 2.3.1."
    else:
        checklist.django_prometheus()


def test_a_placeholder_leaves_the_dead_mans_switch_open(tmp_path: Path, settings: Any) -> None:
    assert "sends Watchdog to watchdog.invalid, a placeholder" in reason(checklist.dead_mans_switch)
    committed = (ROOT / "prometheus" / "alertmanager.yml").read_text()
    settings.BASE_DIR = tmp_path
    with pytest.raises(Unknown):
        checklist.dead_mans_switch()
    (tmp_path / "prometheus").mkdir()
    config = tmp_path / "prometheus" / "alertmanager.yml"
    config.write_text(committed.replace(checklist.PLACEHOLDER, "switch.example"))
    checklist.dead_mans_switch()
