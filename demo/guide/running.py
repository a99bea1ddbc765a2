"""Programs of this machine, and what comes of a snippet."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from demo.api import Problem

ROOT = Path(__file__).parents[2]
SECONDS = 120
# Nothing of what is tried out goes to somebody's Sentry.
OURS = {"DEBUG": "1", "LOG_FORMAT": "console", "LOG_LEVEL": "INFO", "SENTRY_DSN": ""}


class Outcome(NamedTuple):
    """`compared` is whether it was held against what the guide says; else `said` says why not."""

    said: str
    compared: bool = True


def python(
    *arguments: str, cwd: Path | str = ROOT, without: Iterable[str] = (), **environment: str
) -> list[str]:
    """The lines it says. Raises Problem with the last of them where it fails."""
    usual = os.environ | OURS | environment
    variables = {name: text for name, text in usual.items() if name not in set(without)}
    done = command([sys.executable, *arguments], cwd=cwd, environment=variables)
    return [*done.stdout.splitlines(), *done.stderr.splitlines()]


def shell(code: str, **environment: str) -> list[str]:
    """In Django's shell."""
    return python("manage.py", "shell", "-v0", "-c", code, **environment)


def command(
    words: list[str], *, cwd: Path | str = ROOT, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Problem(f"does not end within {SECONDS} s") from None
    if done.returncode:
        raise Problem((done.stderr.strip().splitlines() or ["failed"])[-1])
    return done
