"""The stack that docker compose runs here, with drills/compose.yml over it while drills last.

Everything is production's, intervals too. The receiver listens on this machine, where Alertmanager
reaches it as host.docker.internal.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from drills.alertmanager import alertmanager_config
from drills.people import played
from drills.receiver import Receiver
from drills.site import Command, NotHere, Platform, Server

ROOT = Path(__file__).parent.parent
MINUTES = 300
SERVICES: dict[Server, str] = {"postgres": "db", "redis": "redis"}


def _compose(*files: str, **environment: str) -> Command:
    named = [word for file in files for word in ("-f", str(ROOT / file))]
    return Command(["docker", "compose", *named], os.environ | environment)


def _running(docker: Command) -> list[str]:
    try:
        return docker.run("ps", "--services", "--status", "running").split()
    except FileNotFoundError:
        raise NotHere("There is no docker on this machine: install it, or ON=native.") from None
    except RuntimeError as fault:
        raise NotHere(str(fault).strip().splitlines()[-1]) from None


@contextmanager
def compose() -> Iterator["Compose"]:
    """Raises NotHere where the stack is not up."""
    as_committed = _compose("docker-compose.yml")
    if "web" not in _running(as_committed):
        raise NotHere("The stack is not up: docker compose up --build --wait")
    with (
        tempfile.TemporaryDirectory(prefix="deltacrown-drills-") as folder,
        Receiver("0.0.0.0", known_as="host.docker.internal") as receiver,  # noqa: S104 see above
    ):
        Path(folder).chmod(0o755)  # Alertmanager is nobody there
        alertmanager_config(receiver, Path(folder), seen_as="/etc/drills", quick=False)
        ours = _compose("docker-compose.yml", "drills/compose.yml", DRILLS_FOLDER=folder)
        try:
            ours.run("up", "--detach", "--wait", seconds=MINUTES)
            yield Compose(ours, receiver)
        finally:
            as_committed.run("up", "--detach", "--wait", seconds=MINUTES)


class Compose(Platform):
    name = "compose"
    side_by_side = False  # one web process, so each drill has it to itself

    def __init__(self, docker: Command, receiver: Receiver) -> None:
        self.docker = docker
        self.receiver = receiver
        self.web = self.small_web = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
        self.prometheus = f"http://127.0.0.1:{os.environ.get('PROMETHEUS_PORT', '9090')}"

    def prepare(self) -> None:
        played(self.web)

    def freeze(self, server: Server) -> None:
        self.docker.run("pause", SERVICES[server])

    def thaw(self, server: Server) -> None:
        try:
            self.docker.run("unpause", SERVICES[server])
        except RuntimeError as fault:
            if "not paused" not in str(fault):
                raise

    def kill_worker(self) -> None:
        """Docker does not start again what it was told to kill."""
        self.docker.run("kill", "--signal", "KILL", "worker")

    def start_worker(self) -> None:
        self.docker.run("up", "--detach", "--wait", "worker", seconds=MINUTES)

    def within(self, program: Literal["psql", "celery"]) -> Command:
        if program == "celery":
            return self.docker.then("exec", "-T", "worker", "/venv/bin/celery", "-A", "deltacrown")
        user = ["-U", "deltacrown", "-d", "deltacrown_db"]
        return self.docker.then("exec", "-T", "db", "psql", "-X", *user)
