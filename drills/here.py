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
def here(command: str, *, rules: str) -> Iterator["Here"]:
    """`{port}` in the command is where the process is to serve /metrics/, `rules` a pattern of
    files. Alertmanager's configuration is the committed one, and waits shorter."""
    with (
        Receiver() as receiver,
        tempfile.TemporaryDirectory(prefix="drills-") as folder,
        Stack(Path(folder), {}) as stack,
    ):
        yield Here(receiver, stack, command, rules)


class Here(Site):
    name = "here"
    side_by_side = False

    def __init__(self, receiver: Receiver, stack: Stack, command: str, rules: str) -> None:
        port = free_port()
        self.receiver = receiver
        self.process = stack.run("web", shlex.split(command.format(port=port)), port)
        alertmanager = stack.alertmanager(alertmanager_config(receiver, stack.folder))
        prometheus = stack.prometheus(
            {"web": [self.process]}, rules=rules, alertmanager=alertmanager
        )
        self.web, self.prometheus = self.process.url, prometheus.url
