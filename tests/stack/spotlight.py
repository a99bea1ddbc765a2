"""Installs and starts Spotlight, a local stand-in for Sentry, and reads the received events."""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx

from stack.ports import free_port
from stack.processes import ROOT, Stack

FOLDER = ROOT / "tests" / "spotlight"
INSTALLED = FOLDER / "node_modules" / ".package-lock.json"
PROGRAM = FOLDER / "node_modules" / ".bin" / "spotlight"
UNREACHABLE = "http://127.0.0.1:9"

INSTALL_TIMEOUT = 170
READ_TIMEOUT = 3  # seconds without an envelope: the stored ones were sent

Sent = dict[str, Any]


def install() -> None:
    """Installs package-lock.json without running its scripts, if it has changed."""
    lock = FOLDER / "package-lock.json"
    if INSTALLED.exists() and INSTALLED.stat().st_mtime >= lock.stat().st_mtime:
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command, cwd=FOLDER, capture_output=True, text=True, timeout=INSTALL_TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


class Spotlight:
    def __init__(self, stack: Stack) -> None:
        port = free_port()
        command = [str(PROGRAM), "server", "-p", str(port)]
        node = [str(path.parent) for path in FOLDER.glob("node_modules/node-*/bin/node")]
        environment = {
            "PATH": ":".join([*node, os.environ["PATH"]]),
            "https_proxy": UNREACHABLE,  # keeps its telemetry on this machine
        }
        process = stack.run("spotlight", command, port, **environment)
        self.url = f"{process.url}/stream"

    def received(self, kind: str) -> list[Sent]:
        items = [item for _header, items in self._envelopes() for item in items]
        return [payload for header, payload in items if header["type"] == kind]

    def text(self) -> str:
        return json.dumps(list(self._envelopes()), ensure_ascii=False)

    def _envelopes(self) -> Iterator[tuple[Sent, list[tuple[Sent, Sent]]]]:
        """All stored envelopes. The stream starts with them, then waits for new ones."""
        timeout = httpx.Timeout(10, read=READ_TIMEOUT)
        with httpx.stream("GET", self.url, timeout=timeout) as stream:
            try:
                for line in stream.iter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line.removeprefix("data:"))
            except httpx.ReadTimeout:
                return
