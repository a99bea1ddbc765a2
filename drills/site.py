"""The system in which drills run: how to start and stop a fault there."""

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from drills.receiver import Receiver

Server = Literal["postgres", "redis"]


class SiteUnavailable(Exception):
    """No drill can run. The message tells the user why and what to do."""


class Site:
    """The part that every drill needs. A subclass adds the operations of its own faults."""

    name: str
    web: str  # URL of a web process
    prometheus: str
    receiver: Receiver
    parallel: bool  # independent drills may run concurrently

    def prepare(self) -> None:
        """Creates the data that the faults need."""


class Platform(Site, ABC):
    """DeltaCrown's servers and processes."""

    small_web: str  # URL of a web process with a small connection pool; may equal `web`

    @abstractmethod
    def freeze(self, server: Server) -> None:
        """The server keeps its connections open and stops responding."""

    @abstractmethod
    def thaw(self, server: Server) -> None: ...

    @abstractmethod
    def kill_worker(self) -> None:
        """SIGKILL, as sent by the kernel's out-of-memory killer."""

    @abstractmethod
    def start_worker(self) -> None: ...

    @abstractmethod
    def command(self, program: Literal["psql", "celery"]) -> "Command":
        """The program, started where it can reach the servers."""

    @contextmanager
    def frozen(self, server: Server) -> Iterator[None]:
        try:
            self.freeze(server)
            yield
        finally:
            self.thaw(server)

    def sql(self, statement: str) -> str:
        psql = self.command("psql")
        return psql.run("-v", "ON_ERROR_STOP=1", "-qAt", "-c", statement).strip()

    @contextmanager
    def changed_by(self, statement: str, *, undo: str) -> Iterator[None]:
        self.sql(statement)
        try:
            yield
        finally:
            self.sql(undo)

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Another database session holds an exclusive lock on the table."""
        with self.command("psql").open("-qAt") as session:
            assert session.stdin
            assert session.stdout
            try:
                lock = f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n"
                session.stdin.write(lock)
                session.stdin.flush()
                assert session.stdout.readline() == "locked\n"
                yield
            finally:
                session.stdin.close()  # psql exits, which ends the transaction


class Command:
    """A program with its leading arguments and its environment."""

    def __init__(self, words: Sequence[str], environment: dict[str, str] | None = None) -> None:
        self._words = [*words]
        self._environment = environment

    def then(self, *words: str) -> "Command":
        return Command([*self._words, *words], self._environment)

    def run(self, *arguments: str, timeout: float = 60) -> str:
        """The standard output. Raises RuntimeError with the error output if the program fails."""
        command = [*self._words, *arguments]
        done = subprocess.run(
            command,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")
        return done.stdout

    def open(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._words, *arguments],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C must not reach it: the drill ends the session
        )
