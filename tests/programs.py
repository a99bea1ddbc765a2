"""Runs programs as a user does."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WITHOUT_SERVERS = {"DEBUG": "1", "DB_HOST": "", "REDIS_URL": "", "SENTRY_DSN": ""}


def run(
    *command: str | Path, cwd: Path | str = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The completed process, with its output as text. Its exit status is not checked."""
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environment,
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def run_without_sentry(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Clears the SENTRY_ variables of this process first."""
    cleared = {name: "" for name in os.environ if name.startswith("SENTRY_")}
    return run(*command, **(cleared | environment))


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "manage.py", *arguments, **(WITHOUT_SERVERS | environment))
