"""A draw as the pages show it: brackets as columns of rounds, tables with their rounds below."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from django.db.models import Max

from apps.matches.formats import format_of
from apps.matches.formats.base import Column, Format
from apps.matches.formats.slots import TABLES, Stage
from apps.matches.models import Match
from apps.matches.selectors import Standing, Table
from apps.matches.types import Tournament

BRACKETS = (Stage.WINNERS, Stage.PLAYOFF, Stage.LOSERS, Stage.FINAL, Stage.THIRD_PLACE)


@dataclass(frozen=True)
class Round:
    number: int
    name: str
    matches: Sequence[Match | None]  # by position: None where an entrant has a bye
    joins: str = ""  # how lines lead to the next round: "pairs", "straight" or none
    open: bool = False

    @property
    def starts_at(self) -> datetime | None:
        times = (match.scheduled_at for match in self.matches if match)
        return min((time for time in times if time), default=None)


@dataclass(frozen=True)
class TableRow:
    rank: int
    name: str
    figures: Sequence[str]


@dataclass(frozen=True)
class Section:
    """One bracket, or one table and its rounds."""

    title: str
    rounds: Sequence[Round]
    columns: Sequence[Column] = ()  # of a table
    rows: Sequence[TableRow] = ()
    tiebreakers: str = ""


class LabeledMatch(NamedTuple):
    """`label`: where the match is in the draw."""

    match: Match
    label: str


def sections(
    tournament: Tournament, matches: Iterable[Match], tables: Iterable[Table]
) -> list[Section]:
    format_ = format_of(tournament)
    rows = {table.group: table.rows for table in tables}
    by_stage: dict[Stage, list[Match]] = defaultdict(list)
    for match in sorted(matches, key=lambda match: match.key):
        by_stage[match.key.stage].append(match)
    in_tables = [match for stage in TABLES for match in by_stage[stage]]
    shown = [
        _table(format_, group, list(of_group), rows.get(group, []))
        for group, of_group in groupby(in_tables, lambda match: match.group)
    ]
    return shown + [_bracket(format_, by_stage[stage]) for stage in BRACKETS if by_stage[stage]]


def labeled(matches: Iterable[Match]) -> list[LabeledMatch]:
    """In one more query, for any number of tournaments."""
    listed = list(matches)
    drawn = Match.objects.filter(tournament__in={match.tournament_id for match in listed})
    totals = drawn.order_by().values_list("tournament", "stage").annotate(last=Max("round"))
    last = {(tournament, stage): number for tournament, stage, number in totals}
    return [
        LabeledMatch(
            match,
            format_of(match.tournament).match_label(
                match.key, last[match.tournament_id, match.stage]
            ),
        )
        for match in listed
    ]


def _table(
    format_: Format, group: int, matches: list[Match], standings: Sequence[Standing]
) -> Section:
    rounds = _by_round(matches)
    unplayed = [match.round for match in matches if match.status != Match.Status.COMPLETED]
    current = min(unplayed, default=max(rounds))
    return Section(
        f"Group {group}" if group else "Standings",
        [
            Round(
                number,
                format_.round_name(Stage.TABLE, number, max(rounds)),
                list(in_round.values()),
                open=number == current,
            )
            for number, in_round in rounds.items()
        ],
        format_.columns,
        [TableRow(row.rank, row.entrant.name, _figures(row, format_)) for row in standings],
        format_.tiebreakers,
    )


def _figures(row: Standing, format_: Format) -> list[str]:
    values = {column.name: getattr(row, column.name) for column in format_.columns}
    return [
        f"{value:+}" if name == "difference" and value else str(value)
        for name, value in values.items()
    ]


def _bracket(format_: Format, matches: list[Match]) -> Section:
    stage = matches[0].key.stage
    rounds = _by_round(matches)
    last = max(rounds)
    columns = [
        Round(
            number,
            format_.round_name(stage, number, last),
            [by_position.get(at) for at in range(_size(stage, number, last))],
            _joins(stage, number, last),
        )
        for number, by_position in rounds.items()
    ]
    has_reset = stage is Stage.FINAL and len(columns) > 1
    return Section("Finals" if has_reset else format_.titles.get(stage, ""), columns)


def _by_round(matches: list[Match]) -> Mapping[int, Mapping[int, Match]]:
    rounds: dict[int, dict[int, Match]] = defaultdict(dict)
    for match in matches:
        rounds[match.round][match.position] = match
    return rounds


def _size(stage: Stage, number: int, last: int) -> int:
    if stage is Stage.LOSERS:
        return 1 << (last - number) // 2
    return 1 if stage in (Stage.FINAL, Stage.THIRD_PLACE) else 1 << (last - number)


def _joins(stage: Stage, number: int, last: int) -> str:
    if number == last or stage in (Stage.FINAL, Stage.THIRD_PLACE):
        return ""
    return "straight" if stage is Stage.LOSERS and number % 2 else "pairs"
