"""Spotlight, Sentry's local double, as npm has it: started, and asked what it was told."""

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
NOWHERE = "http://127.0.0.1:9"

Sent = dict[str, Any]


def install() -> None:
    """What package-lock.json says, and nothing of it is run. Again only where that has changed."""
    lock = FOLDER / "package-lock.json"
    if INSTALLED.exists() and INSTALLED.stat().st_mtime >= lock.stat().st_mtime:
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command, cwd=FOLDER, capture_output=True, text=True, timeout=170, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


class Spotlight:
    def __init__(self, stack: Stack) -> None:
        port = free_port()
        command = [str(PROGRAM), "server", "-p", str(port)]
        new_enough = [str(path.parent) for path in FOLDER.glob("node_modules/node-*/bin/node")]
        environment = {
            "PATH": ":".join([*new_enough, os.environ["PATH"]]),
            "https_proxy": NOWHERE,  # of itself it tells its makers what happens to it
        }
        process = stack.run("spotlight", command, port, **environment)
        self.url = f"{process.url}/stream"

    def told(self, kind: str) -> list[Sent]:
        return [payload for item, payload in self._items() if item["type"] == kind]

    def text(self) -> str:
        return json.dumps(list(self._envelopes()), ensure_ascii=False)

    def _items(self) -> Iterator[tuple[Sent, Sent]]:
        for _header, items in self._envelopes():
            yield from ((header, payload) for header, payload in items)

    def _envelopes(self) -> Iterator[tuple[Sent, list[tuple[Sent, Sent]]]]:
        """All that it keeps: its stream begins with them, and then waits for more."""
        seconds = httpx.Timeout(10, read=1)
        with httpx.stream("GET", self.url, timeout=seconds) as stream:
            try:
                for line in stream.iter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line.removeprefix("data:"))
            except httpx.ReadTimeout:
                return
