"""What each format declares and does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, NamedTuple, Self

from apps.matches.formats.placements import Placement, behind, depths, ranked
from apps.matches.formats.slots import TABLES, Draw, Key, Slot, Stage
from apps.matches.formats.standings import Row

MAX_ENTRANTS = 1024
LAST_ROUNDS = {0: "Final", 1: "Semifinals", 2: "Quarterfinals"}
Tables = dict[tuple[Stage, int], list[Row]]  # by stage and group, best entrant first


@dataclass(frozen=True)
class Option:
    """A setting of a format: a field of the tournament, of its form and of the API."""

    label: str
    default: int
    minimum: int = 0
    maximum: int | None = None  # None: yes or no
    help_text: str = ""
    until_start: bool = True  # False: fixed when registration opens


def option(default: int, label: str, **more: Any) -> Any:
    return field(default=default, metadata={"option": Option(label, default, **more)})


def third_place_option() -> Any:
    return option(False, "Third-place match")


class Column(NamedTuple):
    """A column of a table: a field of `Row` and its heading."""

    name: str
    heading: str


@dataclass(frozen=True)
class Format(ABC):
    """The fields of a subclass are its options."""

    name: ClassVar[str]  # stored, and used in the API
    label: ClassVar[str]
    heading: ClassVar[str] = "Bracket"
    max_entrants: ClassVar[int] = MAX_ENTRANTS
    max_losses: ClassVar[int | None] = None  # eliminated after so many; None: never
    pairs_by_results: ClassVar[bool] = False  # each round of a table follows from the one before
    titles: ClassVar[Mapping[Stage, str]] = {
        Stage.PLAYOFF: "Playoffs",
        Stage.THIRD_PLACE: "Third place",
    }
    columns: ClassVar[tuple[Column, ...]] = (
        Column("points", "Points"),
        Column("won", "Won"),
        Column("lost", "Lost"),
        Column("difference", "Game diff"),
    )
    tiebreakers: ClassVar[str] = "head-to-head, game difference, seed"

    @classmethod
    def of(cls, tournament: object) -> Self:
        return cls(**{name: getattr(tournament, name) for name in cls.options()})

    @classmethod
    def options(cls) -> dict[str, Option]:
        return {each.name: each.metadata["option"] for each in fields(cls)}

    def option_errors(self) -> dict[str, str]:
        return {
            name: f"must be from {option.minimum} to {option.maximum}"
            for name, option in self.options().items()
            if option.maximum is not None
            and not option.minimum <= getattr(self, name) <= option.maximum
        }

    def errors(self, entrants: int) -> dict[str, str]:
        """Why this cannot be played, by field."""
        errors = self.option_errors()
        if entrants > self.max_entrants:
            errors["capacity"] = f"can't exceed {self.max_entrants} for {self.label.lower()}"
        return errors

    @abstractmethod
    def first_slots(self, entrants: int) -> list[Slot]:
        """All matches that are known at the start, for two entrants or more."""

    def rounds(self, entrants: int) -> int:
        """Rounds played one after the other, as far as is known at the start: without the reset of
        a double elimination and without playoffs."""
        return max(slot.turn for slot in self.first_slots(entrants))

    def due(self, draw: Draw) -> int:
        """Number of entrants for whom matches are due, once all matches of `draw` are played."""
        return 0

    def next_slots(self, draw: Draw) -> list[Slot]:
        """The matches that are due."""
        return []

    def tables(self, draw: Draw) -> Tables:
        return {}

    def placements(self, draw: Draw) -> list[Placement]:
        """The final placements, best first: by the bracket, then by rank in the table."""
        tables = [[row.entrant for row in rows] for rows in self.tables(draw).values()]
        bracket = {key: result for key, result in draw.results.items() if key.stage not in TABLES}
        return ranked(behind(depths(bracket), tables))

    def round_name(self, stage: Stage, number: int, last: int) -> str:
        """`last`: the number of the stage's last round."""
        if stage in TABLES:
            return f"Round {number}"
        if stage is Stage.THIRD_PLACE:
            return self.titles[stage]
        return LAST_ROUNDS.get(last - number, f"Round {number}")

    def match_label(self, key: Key, last: int) -> str:
        """Where a match is in the draw: "Group 2, round 1", "Semifinal"."""
        name = self.round_name(key.stage, key.round, last).removesuffix("s")
        title = f"Group {key.group}" if key.group else self.titles.get(key.stage, "")
        is_numbered = name.startswith("Round") or key.stage is Stage.PLAYOFF
        return f"{title}, {name.lower()}" if title and is_numbered else name
