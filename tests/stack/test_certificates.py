"""The probe of the job `tls`, which CertificateExpires reads, for different certificates."""

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
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path, {}) as stack:
        yield stack


def probed(exporter: str, server: TlsServer) -> dict[str, float]:
    """The metrics of a probe by the job `tls`."""
    query = {"module": "tls", "target": server.address}
    page = httpx.get(f"http://{exporter}/probe", params=query, timeout=180).text
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_a_trusted_certificate_has_its_expiry_as_a_metric(stack: Stack, tmp_path: Path) -> None:
    with TlsServer(tmp_path) as server:
        metrics = probed(blackbox(stack, trusted=server), server)
    assert metrics["probe_success"] == 1
    assert metrics["probe_ssl_earliest_cert_expiry"] == server.expires.timestamp()


@pytest.mark.parametrize(
    ("days", "is_trusted"), [(30, False), (-1, True)], ids=["untrusted", "expired"]
)
def test_an_invalid_certificate_fails_without_a_date(
    stack: Stack, tmp_path: Path, days: int, is_trusted: bool
) -> None:
    with TlsServer(tmp_path, expires_in=timedelta(days=days)) as server:
        metrics = probed(blackbox(stack, trusted=server if is_trusted else None), server)
    assert metrics["probe_success"] == 0
    assert "probe_ssl_earliest_cert_expiry" not in metrics
