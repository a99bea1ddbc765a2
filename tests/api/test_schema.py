"""Schemathesis compares the server with its OpenAPI document, by valid and invalid requests.

    EXAMPLES=200 make test TESTS=tests/api/test_schema.py

Without EXAMPLES it sends a sample, and skips schemathesis' phase that tries limits of values.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.processes import ROOT
from tests.api.served import Served, served
from tests.cached_fixtures import demo_sqlite

PHASES = "examples,coverage,fuzzing" if "EXAMPLES" in os.environ else "examples,fuzzing"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """With demo data, so that there is something to read, play and pay."""
    with served(tmp_path_factory.mktemp("furnished"), demo_sqlite) as running:
        yield running


def fuzz(server: Served, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis",
            "run", f"{server.origin}/api/openapi.json",
            "--phases", PHASES,
            "--max-examples", os.environ.get("EXAMPLES", "3"),
            "--checks", ",".join(CHECKS),
            "--generation-database", "none",
            "--continue-on-failure", "--no-color", *options,
        ],
        cwd=folder,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.api.fuzzing", "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=1500, check=False,
    )  # fmt: skip


@pytest.mark.timeout(1600)
@pytest.mark.parametrize("who", ["organizer", "player"])
def test_every_operation_answers_as_documented(furnished: Served, tmp_path: Path, who: str) -> None:
    authorization = furnished.player()["Authorization"]
    if who == "organizer":
        account = {"username": "demo", "password": "crown-demo"}
        authorization = f"Bearer {furnished.post('/api/accounts/token', account)['token']}"
    done = fuzz(furnished, tmp_path, "--header", f"Authorization: {authorization}")
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    errors = [line for line in furnished.log_lines() if line["level"] in ("ERROR", "CRITICAL")]
    assert errors == []
