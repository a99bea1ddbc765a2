"""The guide's checklist: "Set up log aggregation (ELK stack or CloudWatch)", and Loki."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from apps.core.logging.formatters import MAX_LINE
from tests.guide.claims import guide
from tests.guide.logging_tools import written
from tests.programs import ROOT

PAGE = (ROOT / "docs" / "logging.md").read_text()
ALLOY = (ROOT / "alloy" / "config.alloy").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
LOKI = yaml.safe_load((ROOT / "loki" / "config.yml").read_text())
LIMITS = LOKI["limits_config"]
PROMETHEUS = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


JQ_COMMANDS = [text for text in blocks("sh")[0].splitlines() if text.startswith("jq")]


class TestQueries:
    """Each jq command of the page runs on real lines."""

    @pytest.fixture
    def log(self, tmp_path: Path) -> Path:
        def log_lines(logger: Any) -> None:
            extra = {"request_id": "5a4ae319c4", "route": "api/", "status": 200,
                     "duration_ms": 900.5, "tournament_id": 17, "user_id": 5}  # fmt: skip
            logger.info("Request answered", extra=extra)
            try:
                raise ValueError("planted failure")
            except ValueError:
                logger.exception("failed", extra={"request_id": "another"})

        path = tmp_path / "log"
        path.write_text(written(log_lines) + "not JSON\n")
        return path

    def test_the_page_has_commands(self) -> None:
        assert len(JQ_COMMANDS) > 4

    @pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not on this machine")
    @pytest.mark.parametrize("command", JQ_COMMANDS)
    def test_each_command_selects_one_line(self, command: str, log: Path) -> None:
        with log.open() as source:
            logged = subprocess.run(
                ["bash", "-o", "pipefail", "-c", command],
                stdin=source, capture_output=True, text=True, check=True, timeout=180,
            ).stdout  # fmt: skip
        assert ("planted failure" in logged) != ("api/" in logged or "Request answered" in logged)


class TestLoki:
    def test_it_is_a_compose_profile_with_healthchecks(self) -> None:
        for name in ("loki", "alloy"):
            assert COMPOSE[name]["profiles"] == ["logs"]
            assert COMPOSE[name]["healthcheck"]["test"][0] == "CMD"
        assert "/var/run/docker.sock:/var/run/docker.sock:ro" in COMPOSE["alloy"]["volumes"]

    def test_the_only_labels_are_service_and_level_with_bounded_values(self) -> None:
        labelled = re.findall(r"stage\.labels \{\s+values = \{(.*?)\}", ALLOY, re.DOTALL)
        assert [text.split() for text in labelled] == [["level", "=", '"",']]
        assert re.findall(r'target_label\s+= "(\w+)"', ALLOY) == ["service"]
        assert 'values = ["service", "level"]' in ALLOY
        assert "^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$" in ALLOY
        assert LIMITS["discover_service_name"] == []

    def test_ids_are_structured_metadata(self) -> None:
        [metadata] = re.findall(r"stage\.structured_metadata \{(.*?)\n    \}", ALLOY, re.DOTALL)
        assert {"request_id", "trace_id", "tournament_id", "user_id"} <= set(metadata.split())
        assert LIMITS["allow_structured_metadata"] is True

    def test_it_accepts_the_longest_line_and_deletes_lines_after_14_days(self) -> None:
        assert int(LIMITS["max_line_size"].removesuffix("KB")) * 1024 > MAX_LINE
        assert LIMITS["retention_period"] == "336h"
        assert LOKI["compactor"]["retention_enabled"] is True

    def test_it_parses_the_services_that_log_json(self) -> None:
        [services] = re.findall(r'service=~\\"([\w|]+)\\"', ALLOY)
        assert set(services.split("|")) == {
            name
            for name, service in COMPOSE.items()
            if "SERVICE_NAME" in service.get("environment", {})
        }

    def test_without_the_profile_prometheus_has_no_target_that_is_down(self) -> None:
        """Unlike a static target, a name that does not resolve adds no target."""
        jobs = {job["job_name"]: job for job in PROMETHEUS["scrape_configs"]}
        for name in ("loki", "alloy"):
            assert set(jobs[name]) == {"job_name", "dns_sd_configs"}
            assert jobs[name]["dns_sd_configs"][0]["names"] == [name]


class TestElasticsearchAndCloudWatch:
    @guide("Deployment Checklist", "Set up log aggregation (ELK stack or CloudWatch)")
    def test_filebeat_puts_fields_under_deltacrown(self) -> None:
        filebeat = yaml.safe_load(blocks("yaml")[0])
        [source] = filebeat["filebeat.inputs"]
        container, ndjson = source["parsers"]
        assert source["type"] == "filestream"
        assert container["container"]["format"] == "docker"
        assert ndjson["ndjson"]["target"] == "deltacrown"
        assert "output.elasticsearch" in filebeat

    def test_cloudwatch_never_blocks_a_process(self) -> None:
        logging = yaml.safe_load(blocks("yaml")[1])["services"]["web"]["logging"]
        assert logging["driver"] == "awslogs"
        assert logging["options"]["mode"] == "non-blocking"


def test_every_setting_of_the_page_is_in_the_example_file() -> None:
    example = (ROOT / ".env.example").read_text()
    for name in re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.MULTILINE):
        assert re.search(rf"^{name}=", example, re.MULTILINE), name
