"""The running docker compose stack, with drills/compose.yml applied while drills run.

Everything is as in production, including the intervals. The receiver listens on the host, which
Alertmanager reaches as host.docker.internal.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from drills.alertmanager import alertmanager_config
from drills.receiver import Receiver
from drills.site import Command, Platform, Server, SiteUnavailable
from drills.traffic import complete_tournament

ROOT = Path(__file__).parent.parent
UP_TIMEOUT = 300
SERVICES: dict[Server, str] = {"postgres": "db", "redis": "redis"}


def _compose(*files: str, **environment: str) -> Command:
    options = [word for file in files for word in ("-f", str(ROOT / file))]
    return Command(["docker", "compose", *options], os.environ | environment)


def _running_services(docker: Command) -> list[str]:
    try:
        return docker.run("ps", "--services", "--status", "running").split()
    except FileNotFoundError:
        raise SiteUnavailable("docker is not installed: install it, or use ON=native.") from None
    except RuntimeError as error:
        raise SiteUnavailable(str(error).strip().splitlines()[-1]) from None


@contextmanager
def compose() -> Iterator["ComposeSite"]:
    """Raises SiteUnavailable if the stack is not running."""
    committed = _compose("docker-compose.yml")
    if "web" not in _running_services(committed):
        raise SiteUnavailable(
            "The stack is not running. Start it: docker compose up --build --wait"
        )
    with (
        tempfile.TemporaryDirectory(prefix="deltacrown-drills-") as folder,
        Receiver("0.0.0.0", host="host.docker.internal") as receiver,  # noqa: S104 see above
    ):
        Path(folder).chmod(0o755)  # Alertmanager's user in the container is "nobody"
        alertmanager_config(receiver, Path(folder), mounted_at="/etc/drills", quick=False)
        changed = _compose("docker-compose.yml", "drills/compose.yml", DRILLS_FOLDER=folder)
        try:
            changed.run("up", "--detach", "--wait", timeout=UP_TIMEOUT)
            yield ComposeSite(changed, receiver)
        finally:
            committed.run("up", "--detach", "--wait", timeout=UP_TIMEOUT)


class ComposeSite(Platform):
    name = "compose"
    parallel = False  # there is one web process

    def __init__(self, docker: Command, receiver: Receiver) -> None:
        self.docker = docker
        self.receiver = receiver
        self.web = self.small_web = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
        self.prometheus = f"http://127.0.0.1:{os.environ.get('PROMETHEUS_PORT', '9090')}"

    def prepare(self) -> None:
        complete_tournament(self.web)

    def freeze(self, server: Server) -> None:
        self.docker.run("pause", SERVICES[server])

    def thaw(self, server: Server) -> None:
        try:
            self.docker.run("unpause", SERVICES[server])
        except RuntimeError as error:
            if "not paused" not in str(error):
                raise

    def kill_worker(self) -> None:
        """Docker does not restart a container that `docker compose kill` stopped."""
        self.docker.run("kill", "--signal", "KILL", "worker")

    def start_worker(self) -> None:
        self.docker.run("up", "--detach", "--wait", "worker", timeout=UP_TIMEOUT)

    def command(self, program: Literal["psql", "celery"]) -> Command:
        if program == "celery":
            return self.docker.then("exec", "-T", "worker", "celery", "-A", "deltacrown")
        return self.docker.then("exec", "-T", "db", "psql", "-X")
