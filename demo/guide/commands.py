"""Runs programs for the snippets, and holds their outcome."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from demo.api import DemoError

ROOT = Path(__file__).parents[2]
TIMEOUT = 120
# An empty SENTRY_DSN: no snippet may send to the Sentry of the user's environment.
ENVIRONMENT = {"DEBUG": "1", "LOG_FORMAT": "console", "LOG_LEVEL": "INFO", "SENTRY_DSN": ""}


class Outcome(NamedTuple):
    """`compared`: the result was compared with the guide. Otherwise `message` says why not."""

    message: str
    compared: bool = True


def run_python(
    *arguments: str, cwd: Path | str = ROOT, without: Iterable[str] = (), **environment: str
) -> list[str]:
    """The lines of its output. Raises DemoError with the last line if the program fails."""
    variables = os.environ | ENVIRONMENT | environment
    for name in without:
        variables.pop(name, None)
    done = run([sys.executable, *arguments], cwd=cwd, environment=variables)
    return [*done.stdout.splitlines(), *done.stderr.splitlines()]


def run_in_django_shell(code: str, **environment: str) -> list[str]:
    return run_python("manage.py", "shell", "-v0", "-c", code, **environment)


def run(
    command: list[str], *, cwd: Path | str = ROOT, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DemoError(f"not finished after {TIMEOUT} s") from None
    if done.returncode:
        raise DemoError((done.stderr.strip().splitlines() or ["failed"])[-1])
    return done
