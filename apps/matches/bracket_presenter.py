"""A draw as it is shown: brackets as columns of rounds, tables with their rounds below."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Max

from apps.matches.formats.rules import Format
from apps.matches.models import Match
from apps.matches.types import Registration, Tournament

BRACKETS = {
    "winners": "Winners",
    "playoff": "Play-off",
    "losers": "Losers",
    "final": "Grand final",  # until there is a second one
    "third_place": "Third place",
}
LAST_ROUNDS = {0: "Final", 1: "Semi-finals", 2: "Quarter-finals"}


@dataclass(frozen=True)
class Slot:
    name: str
    seed: int | None
    score: int | None
    won: bool


@dataclass(frozen=True)
class Cell:
    """A place of the draw: without a match where somebody had a bye."""

    match: Match | None = None
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True)
class Round:
    number: int
    name: str
    cells: Sequence[Cell]
    joins: str = ""  # how its lines go on: two by two, straight, or not at all
    open: bool = False

    @property
    def at(self) -> datetime | None:
        """When its first match is to be."""
        times = [cell.match.scheduled_at for cell in self.cells if cell.match]
        return min((time for time in times if time), default=None)


@dataclass(frozen=True)
class Section:
    """One bracket, or one table and its rounds."""

    title: str
    rounds: Sequence[Round]
    table: bool = False
    rows: Sequence[Any] = field(default_factory=list)


class Placed(NamedTuple):
    """`place` says where the draw shows the match, in words."""

    match: Match
    place: str


def sections(
    tournament: Tournament, matches: Iterable[Match], tables: Mapping[int, Sequence[Any]]
) -> list[Section]:
    """Matches in order of stage, group, round and position; `tables`: the standings of each group,
    best first (0 where there are no groups)."""
    by_stage: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        by_stage[match.stage].append(match)
    shown = _tables(by_stage.get("table", []) + by_stage.get("group", []), tables)
    lone = tournament.format != Format.DOUBLE_ELIMINATION
    last = max((match.round for match in by_stage["winners"]), default=0)
    for stage, title in BRACKETS.items():
        if found := by_stage.get(stage):
            named = "" if stage == "winners" and lone else title
            columns = _columns(stage, found, lone=lone, above=last)
            finals = stage == "final" and len(columns) > 1
            shown.append(Section("Finals" if finals else named, columns))
    return shown


def placed(matches: Iterable[Match]) -> list[Placed]:
    """In one query more, of however many tournaments they are."""
    found = list(matches)
    drawn = Match.objects.filter(tournament__in={one.tournament_id for one in found}).order_by()
    counted = drawn.values_list("tournament", "stage").annotate(last=Max("round"))
    rounds = {(tournament, stage): last for tournament, stage, last in counted}
    return [Placed(one, _in_words(one, rounds)) for one in found]


def _in_words(match: Match, rounds: Mapping[tuple[int, str], int]) -> str:
    if match.stage == "group":
        return f"Group {match.group}, round {match.round}"
    if match.stage == "table":
        return f"Round {match.round}"
    lone = match.tournament.format != Format.DOUBLE_ELIMINATION
    above = "winners" if match.stage == "losers" else match.stage
    last = rounds[match.tournament_id, above]
    if match.stage == "losers":
        last = 2 * (last - 1)
    name = _name(match.stage, match.round, last, lone=lone).removesuffix("s")
    shared = match.stage == "playoff" or (name.startswith("Round") and not lone)
    return f"{BRACKETS[match.stage]}, {name.lower()}" if shared else name


def _tables(matches: list[Match], tables: Mapping[int, Sequence[Any]]) -> list[Section]:
    by_group = groupby(sorted(matches, key=lambda one: one.group), lambda one: one.group)
    return [
        Section(
            f"Group {number}" if number else "Standings",
            _rounds(list(found)),
            table=True,
            rows=tables.get(number, []),
        )
        for number, found in by_group
    ]


def _rounds(matches: list[Match]) -> list[Round]:
    """Of a table: the one being played stands open."""
    by_round = groupby(sorted(matches, key=_place), lambda one: one.round)
    found = {number: list(some) for number, some in by_round}
    unfinished = (n for n, some in found.items() if any(one.status != "completed" for one in some))
    current = next(unfinished, max(found, default=0))
    return [
        Round(number, f"Round {number}", [_cell(match) for match in some], open=number == current)
        for number, some in found.items()
    ]


def _columns(stage: str, matches: list[Match], *, lone: bool, above: int) -> list[Round]:
    """`above`: how many rounds the winners' bracket has."""
    by_round = groupby(sorted(matches, key=_place), lambda one: one.round)
    found = {number: {one.position: one for one in some} for number, some in by_round}
    last = max(found)
    if stage == "losers":
        last = 2 * (above - 1)
    columns = []
    for number, places in found.items():
        size = _size(stage, number, last, above)
        cells = [_cell(places.get(at)) for at in range(size)]
        joins = _joins(stage, number, last)
        columns.append(Round(number, _name(stage, number, last, lone=lone), cells, joins))
    return columns


def _size(stage: str, number: int, last: int, above: int) -> int:
    if stage == "losers":
        return 1 << max(0, above - 2 - (number - 1) // 2)
    return 1 if stage in ("final", "third_place") else 1 << (last - number)


def _joins(stage: str, number: int, last: int) -> str:
    if number == last or stage in ("final", "third_place"):
        return ""
    return "straight" if stage == "losers" and number % 2 else "pairs"


def _name(stage: str, number: int, last: int, *, lone: bool) -> str:
    if stage == "final":
        return "Grand final" if number == 1 else "Second final"
    if stage == "third_place":
        return "Third place"
    if stage == "losers" or (stage == "winners" and not lone):
        return f"Round {number}" if number < last else f"{BRACKETS[stage]}' final"
    return LAST_ROUNDS.get(last - number, f"Round {number}")


def _place(match: Match) -> tuple[int, int]:
    return match.round, match.position


def _cell(match: Match | None) -> Cell:
    if match is None:
        return Cell()
    sides = ((match.entrant_a, match.score_a), (match.entrant_b, match.score_b))
    return Cell(match, tuple(_slot(match, *side) for side in sides))


def _slot(match: Match, entrant: Registration | None, score: int | None) -> Slot:
    if entrant is None:
        return Slot("", None, None, won=False)
    return Slot(entrant.name, entrant.seed, score, won=match.winner_id == entrant.pk)
