"""Where a drill is held: what a fault may do there, whatever the servers run on."""

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from drills.receiver import Receiver

Server = Literal["postgres", "redis"]


class NotHere(Exception):
    """No drill can be held, and why not: for the person at the terminal."""


class Site(ABC):
    name: str
    web: str  # URL of a web process
    small_web: str  # URL of one whose pool is as small as the drill needs; may be the same
    prometheus: str
    receiver: Receiver
    side_by_side: bool  # whether drills that do not touch each other may be held at once

    @abstractmethod
    def freeze(self, server: Server) -> None:
        """It keeps its connections and answers nothing."""

    @abstractmethod
    def thaw(self, server: Server) -> None: ...

    @abstractmethod
    def kill_worker(self) -> None:
        """As the kernel does it for want of memory: kill -9."""

    @abstractmethod
    def start_worker(self) -> None: ...

    @abstractmethod
    def within(self, program: Literal["psql", "celery"]) -> "Command":
        """How the program is started where it can reach the servers."""

    @contextmanager
    def frozen(self, server: Server) -> Iterator[None]:
        try:
            self.freeze(server)
            yield
        finally:
            self.thaw(server)

    def sql(self, statement: str) -> str:
        psql = self.within("psql")
        return psql.run("-v", "ON_ERROR_STOP=1", "-qAt", "-c", statement).strip()

    @contextmanager
    def edited(self, change: str, back: str) -> Iterator[None]:
        """Between one statement and the one that takes it back."""
        self.sql(change)
        try:
            yield
        finally:
            self.sql(back)

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Somebody's session holds the table and does not let go."""
        with self.within("psql").open("-qAt") as session:
            assert session.stdin
            assert session.stdout
            try:
                lock = f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n"
                session.stdin.write(lock)
                session.stdin.flush()
                assert session.stdout.readline() == "locked\n"
                yield
            finally:
                session.stdin.close()  # psql ends, and with it the transaction


class Command:
    """A program with what stands before its own arguments."""

    def __init__(self, words: Sequence[str], environment: dict[str, str] | None = None) -> None:
        self._words = [*words]
        self._environment = environment

    def then(self, *words: str) -> "Command":
        return Command([*self._words, *words], self._environment)

    def run(self, *arguments: str, seconds: float = 60) -> str:
        """What it prints. Raises RuntimeError with what it says where it fails."""
        command = [*self._words, *arguments]
        done = subprocess.run(
            command,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=seconds,
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
            start_new_session=True,  # Ctrl-C is ours to handle
        )
