"""The smallest site: one process, Prometheus and Alertmanager on free ports of this machine."""

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drills.alertmanager import alertmanager_config
from drills.receiver import Receiver
from drills.site import Site
from stack.ports import free_port
from stack.processes import Stack


@contextmanager
def local(command: str, *, rules: str) -> Iterator["LocalSite"]:
    """Starts the command, which serves /metrics/ on `{port}`. `rules` is a glob of rule files.

    Alertmanager uses the committed configuration with shorter waits.
    """
    with (
        Receiver() as receiver,
        tempfile.TemporaryDirectory(prefix="drills-") as folder,
        Stack(Path(folder), {}) as stack,
    ):
        yield LocalSite(receiver, stack, command, rules)


class LocalSite(Site):
    name = "local"
    parallel = False

    def __init__(self, receiver: Receiver, stack: Stack, command: str, rules: str) -> None:
        port = free_port()
        self.receiver = receiver
        self.process = stack.run("web", shlex.split(command.format(port=port)), port)
        alertmanager = stack.alertmanager(alertmanager_config(receiver, stack.folder))
        prometheus = stack.prometheus(
            {"web": [self.process.address]}, rules=rules, alertmanager=alertmanager
        )
        self.web, self.prometheus = self.process.url, prometheus.url
