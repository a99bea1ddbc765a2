"""An alert's links lead where GRAFANA_URL and RUNBOOKS_URL say, by every way that it is told."""

import re
from collections.abc import Iterator

import pytest
import yaml

from drills.alertmanager import alertmanager_config
from drills.receiver import Receiver
from stack.monitoring import changed_rules, prometheus_config
from stack.ports import free_port
from stack.processes import ROOT, Stack

pytestmark = pytest.mark.stack

GRAFANA, RUNBOOKS = "https://grafana.crown.example", "https://git.crown.example/docs/runbooks"
BOARD = f"{GRAFANA}/d/deltacrown-monitoring"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """By Alertmanager, while there is no web, no worker, and nobody at the one target."""
    stack = Stack(tmp_path_factory.mktemp("links"), {})
    with Receiver() as receiver:
        try:
            config = alertmanager_config(receiver, stack.folder)
            _prometheus(stack, stack.alertmanager(config).address)
            yield receiver
        finally:
            stack.stop()


def test_the_page_leads_to_the_dashboard_and_the_runbook(told: Receiver) -> None:
    page = told.wait_for("JobMissing", "firing", 30)
    assert page.channel == "pagerduty"
    assert page.links == (BOARD,)
    assert page.body["client_url"] == BOARD
    assert page.body["payload"]["custom_details"]["runbook"] == f"{RUNBOOKS}/JobMissing.md"


def test_the_message_leads_there_too(told: Receiver) -> None:
    message = told.wait_for("TargetDown", "firing", 30)
    assert message.channel == "slack"
    assert message.links == (BOARD,)
    assert message.body["attachments"][0]["title_link"] == BOARD
    assert message.text.endswith(f"Runbook: {RUNBOOKS}/TargetDown.md")


def test_an_alert_carries_no_label_for_it(told: Receiver) -> None:
    heartbeat = told.wait_for("Watchdog", "firing", 30)
    assert heartbeat.body["commonLabels"] == {"alertname": "Watchdog", "severity": "none"}
    assert told.refused == []


def test_compose_hands_both_to_prometheus_and_tells_grafana_its_own() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    config = yaml.safe_load((ROOT / "prometheus/prometheus.yml").read_text())
    variables = {value.strip("${}") for value in config["global"]["external_labels"].values()}
    assert services["prometheus"]["environment"].keys() == variables
    environment = services["grafana"]["environment"]
    assert environment["GF_SERVER_ROOT_URL"] == services["prometheus"]["environment"]["GRAFANA_URL"]
    explained = (ROOT / ".env.example").read_text()
    assert all(f"\n{variable}=\n" in explained for variable in variables)


def _prometheus(stack: Stack, alertmanager: str) -> None:
    """The committed configuration, with one target, and rules that do not wait."""
    nobody = f"127.0.0.1:{free_port()}"
    config = prometheus_config(
        stack.folder,
        addresses={"alertmanager:9093": alertmanager, "node-exporter:9100": nobody},
        targets={},
        jobs=["node"],
        interval="1s",
        rules=changed_rules(stack.folder, _without_for),
    )
    stack.server(
        "prometheus",
        f"--config.file={config}",
        "--enable-feature=expand-external-labels",
        f"--storage.tsdb.path={stack.folder / 'prometheus'}",
        "--rules.alert.resend-delay=1s",  # the first are sent before Alertmanager is found
        environment={"GRAFANA_URL": GRAFANA, "RUNBOOKS_URL": RUNBOOKS},
    )


def _without_for(rules: str) -> str:
    return re.sub(r"^ +for: .*$", "", rules, flags=re.MULTILINE)
