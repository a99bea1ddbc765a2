"""The links of an alert use GRAFANA_URL and RUNBOOKS_URL in every notification channel."""

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
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """Alertmanager notifies it: the web process and the worker are missing, the target is down."""
    stack = Stack(tmp_path_factory.mktemp("links"), {})
    with Receiver() as started:
        try:
            config = alertmanager_config(started, stack.folder)
            _prometheus(stack, stack.alertmanager(config).address)
            yield started
        finally:
            stack.stop()


def test_a_page_links_to_the_dashboard_and_the_runbook(receiver: Receiver) -> None:
    page = receiver.wait_for("JobMissing", "firing", 30)
    assert page.channel == "pagerduty"
    assert page.links == (BOARD,)
    assert page.body["client_url"] == BOARD
    assert page.body["payload"]["custom_details"]["runbook"] == f"{RUNBOOKS}/JobMissing.md"


def test_a_slack_message_links_to_them_too(receiver: Receiver) -> None:
    message = receiver.wait_for("TargetDown", "firing", 30)
    assert message.channel == "slack"
    assert message.links == (BOARD,)
    assert message.body["attachments"][0]["title_link"] == BOARD
    assert message.text.endswith(f"Runbook: {RUNBOOKS}/TargetDown.md")


def test_no_label_carries_the_urls(receiver: Receiver) -> None:
    heartbeat = receiver.wait_for("Watchdog", "firing", 30)
    assert heartbeat.body["commonLabels"] == {"alertname": "Watchdog", "severity": "none"}
    assert receiver.rejected == []


def test_compose_passes_both_to_prometheus_and_grafana_its_own_url() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    config = yaml.safe_load((ROOT / "prometheus/prometheus.yml").read_text())
    variables = {value.strip("${}") for value in config["global"]["external_labels"].values()}
    assert services["prometheus"]["environment"].keys() == variables
    environment = services["grafana"]["environment"]
    assert environment["GF_SERVER_ROOT_URL"] == services["prometheus"]["environment"]["GRAFANA_URL"]
    example = (ROOT / ".env.example").read_text()
    assert all(f"\n{variable}=\n" in example for variable in variables)


def _prometheus(stack: Stack, alertmanager: str) -> None:
    """The committed configuration with one target that is down, and rules without `for`."""
    unused = f"127.0.0.1:{free_port()}"
    config = prometheus_config(
        stack.folder,
        addresses={"alertmanager:9093": alertmanager, "node-exporter:9100": unused},
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
        "--rules.alert.resend-delay=1s",  # earlier than Alertmanager is found
        GRAFANA_URL=GRAFANA,
        RUNBOOKS_URL=RUNBOOKS,
    )


def _without_for(rules: str) -> str:
    return re.sub(r"^ +for: .*$", "", rules, flags=re.MULTILINE)
