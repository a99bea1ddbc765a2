"""Reads settings from environment variables and reports all that is wrong with them at once.

env = Environment(os.environ)
DEBUG = env.flag("DEBUG", default=False)
env.check()  # Misconfigured, naming every variable that is missing or unusable
"""

import re
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from environ import Env
from limits import parse

from apps.core.logging.setup import Misconfigured

T = TypeVar("T", int, float)
Parsed = TypeVar("Parsed")


_COMMENT = re.compile(r"""^(\w+=(?!["']).*?)[ \t]+#.*$""", re.MULTILINE)


def read_file(path: Path) -> None:
    """As docker compose reads it: what follows a blank and # is a comment, unless it is quoted.
    What is in the environment already stays."""
    if path.exists():
        Env.read_env(StringIO(_COMMENT.sub(r"\1", path.read_text())))


LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def read_levels(levels: str) -> dict[str, str]:
    """`INFO,apps.payments=DEBUG` by logger; the entry without a name is for all others.

    Raises ValueError, whose message does not repeat the value."""
    by_logger: dict[str, str] = {}
    for number, entry in enumerate(levels.split(","), 1):
        name, equals, level = (part.strip() for part in entry.rpartition("="))
        if level.upper() not in LEVELS:
            raise ValueError(f"has no level of {', '.join(LEVELS)} in entry {number}")
        if equals and not name:
            raise ValueError(f"names no logger before the = of entry {number}")
        if name in by_logger:
            raise ValueError(f"has a second level for the same logger in entry {number}")
        by_logger[name] = level.upper()
    return by_logger


class Environment:
    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = {name: value.strip() for name, value in variables.items()}
        self._problems: list[str] = []

    def text(self, name: str, *, default: str = "") -> str:
        return self._variables.get(name) or default

    def secret(self, name: str, *, default: str | None, at_least: int = 32) -> str:
        """`default` is what development uses; None where there must be a real one."""
        value = self._variables.get(name, "")
        if value:
            if default is None and len(value) < at_least:
                self.problem(name, f"has fewer than {at_least} characters")
            return value
        if default is None:
            self.problem(name, "is missing")
        return default or ""

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._variables.get(name, "").lower()
        if value in Env.BOOLEAN_TRUE_STRINGS:
            return True
        if value and value not in {"0", "false", "no", "off", "n"}:
            self.problem(name, "is neither 1 nor 0")
        return default if not value else False

    def number(self, name: str, *, default: int, low: int = 0, high: int = 2**31) -> int:
        return self._within(name, int, default, low, high)

    def fraction(self, name: str, *, default: float) -> float:
        return self._within(name, float, default, 0.0, 1.0)

    def words(self, name: str, *, default: str = "") -> list[str]:
        """A list, separated by commas."""
        return [
            word.strip() for word in self.text(name, default=default).split(",") if word.strip()
        ]

    def choice(self, name: str, options: list[str], *, default: str) -> str:
        value = self.text(name, default=default)
        if value not in options:
            self.problem(name, f"is none of {', '.join(options)}")
            return default
        return value

    def parsed(self, name: str, parse: Callable[[str], Parsed], *, default: str) -> Parsed:
        """What `parse` makes of it; its ValueError says what is wrong, and not the value."""
        try:
            return parse(self.text(name, default=default))
        except ValueError as fault:
            self.problem(name, str(fault))
            return parse(default)

    def rate(self, name: str, *, default: str) -> str:
        """So many in a time: 20/hour, 5/10 minutes; 0 is no limit."""
        value = self.text(name, default=default)
        if value == "0":
            return ""
        try:
            parse(value)
        except ValueError:
            self.problem(name, "is no rate, like 20/hour")
            return default
        return value

    def path(self, name: str, *, under: Path) -> str:
        """A path, from `under` where it is not absolute; or nothing."""
        value = self.text(name)
        return str(under / value) if value else ""

    def url(self, name: str, *schemes: str) -> str:
        """An absolute URL with one of the schemes, or nothing."""
        value = self.text(name)
        try:
            parts = urlsplit(value)
            usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if value and not usable:
            self.problem(name, f"is no {' or '.join(schemes)} URL")
            return ""
        return value

    def origin(self, name: str) -> str:
        """Scheme, host and port of a site, without a slash at the end, or nothing."""
        value = self.url(name, "http", "https").removesuffix("/")
        parts = urlsplit(value)
        if parts.path or parts.query or parts.fragment:
            self.problem(name, "has more than scheme, host and port")
        return value

    def together(self, *names: str) -> None:
        """All of them or none."""
        missing = [name for name in names if not self._variables.get(name)]
        if len(missing) < len(names):
            for name in missing:
                given = [one for one in names if one not in missing]
                self.problem(name, f"is missing beside {' and '.join(given)}")

    def needs(self, name: str, other: str) -> None:
        if self._variables.get(name) and not self._variables.get(other):
            self.problem(other, f"is missing beside {name}")

    def problem(self, name: str, what: str) -> None:
        """The variable's name and the fault, never its value: it may be a secret."""
        self._problems.append(f"{name} {what}")

    def check(self) -> None:
        if self._problems:
            raise Misconfigured("The environment is not usable", sorted(set(self._problems)))

    def _within(self, name: str, cast: Callable[[str], T], default: T, low: T, high: T) -> T:
        text = self._variables.get(name)
        if not text:
            return default
        try:
            value = cast(text)
        except ValueError:
            self.problem(name, "is not a number")
            return default
        if not low <= value <= high:
            self.problem(name, f"is not between {low} and {high}")
            return default
        return value
