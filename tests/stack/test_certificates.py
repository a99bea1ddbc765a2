"""What a certificate makes of the probe that CertificateExpires asks, and of the alert."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from stack.processes import Stack
from tests.stack.monitoring import blackbox
from tests.stack.tls import TlsServer

pytestmark = pytest.mark.stack


@pytest.fixture
def watchers(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path, {})
    yield stack
    stack.stop()


def probed(exporter: str, server: TlsServer) -> dict[str, float]:
    """As the job `tls` asks it."""
    question = {"module": "tls", "target": server.address}
    page = httpx.get(f"http://{exporter}/probe", params=question, timeout=10).text
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_one_that_is_trusted_tells_when_it_runs_out(watchers: Stack, tmp_path: Path) -> None:
    with TlsServer(tmp_path) as server:
        found = probed(blackbox(watchers, trusted=server), server)
    assert found["probe_success"] == 1
    assert found["probe_ssl_earliest_cert_expiry"] == server.expires.timestamp()


def test_one_that_nobody_signed_fails_and_tells_no_date(watchers: Stack, tmp_path: Path) -> None:
    with TlsServer(tmp_path) as server:
        found = probed(blackbox(watchers), server)
    assert found["probe_success"] == 0
    assert "probe_ssl_earliest_cert_expiry" not in found


def test_one_that_has_run_out_fails_and_tells_no_date(watchers: Stack, tmp_path: Path) -> None:
    with TlsServer(tmp_path, lasts=timedelta(days=-1)) as server:
        found = probed(blackbox(watchers, trusted=server), server)
    assert found["probe_success"] == 0
    assert "probe_ssl_earliest_cert_expiry" not in found
