"""A tournament's matches as `formats` knows them: entrants by seed from 0."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from apps.matches.formats.rules import Format, Rules
from apps.matches.formats.slots import Stage
from apps.matches.formats.standings import Result, Row, swiss_table, table
from apps.matches.models import Match
from apps.matches.selectors.matches import with_entrants
from apps.matches.types import Tournament

TABLES = (Stage.TABLE, Stage.GROUP)


class Book:
    def __init__(self, tournament: Tournament) -> None:
        seeded = tournament.registrations.filter(seed__isnull=False).order_by("seed")
        self.rules = rules_of(tournament)
        self.entrants = list(seeded.select_related("player", "team"))
        self.matches = list(with_entrants().filter(tournament=tournament))
        self._numbers = {entrant.pk: number for number, entrant in enumerate(self.entrants)}

    def of_stage(self, *stages: Stage) -> list[Match]:
        return [match for match in self.matches if match.stage in stages]

    def sides(self, match: Match) -> tuple[int, int]:
        """Of a match that is known to have two."""
        assert match.entrant_a_id
        assert match.entrant_b_id
        return self._numbers[match.entrant_a_id], self._numbers[match.entrant_b_id]

    def ended(self, matches: Iterable[Match]) -> list[tuple[Match, int, int]]:
        """Those that are over, with their winners and losers."""
        found = []
        for match in matches:
            if match.winner_id is not None:
                a, b = self.sides(match)
                a_won = match.winner_id == match.entrant_a_id
                found.append((match, a, b) if a_won else (match, b, a))
        return found

    def results(self, matches: Iterable[Match]) -> list[Result]:
        return [
            Result(winner, loser, max(match.score or [0]), min(match.score or [0]))
            for match, winner, loser in self.ended(matches)
        ]

    def byes(self) -> Counter[int]:
        """Of a Swiss: in each round that is drawn, who has no match in it."""
        busy: dict[int, set[int]] = defaultdict(set)
        for match in self.of_stage(Stage.TABLE):
            busy[match.round].update(self.sides(match))
        everybody = set(range(len(self.entrants)))
        return Counter(one for playing in busy.values() for one in everybody - playing)

    def tables(self) -> dict[tuple[str, int], list[Row]]:
        """By stage and group, each best first. None of an elimination."""
        if self.rules.format is Format.SWISS:
            results = self.results(self.of_stage(Stage.TABLE))
            everybody = range(len(self.entrants))
            return {(Stage.TABLE.value, 0): swiss_table(everybody, results, self.byes())}
        of_table: dict[tuple[str, int], list[Match]] = defaultdict(list)
        for match in self.of_stage(*TABLES):
            of_table[match.stage, match.group].append(match)
        return {key: self._table(matches) for key, matches in sorted(of_table.items())}

    def _table(self, matches: list[Match]) -> list[Row]:
        entrants = {one for match in matches for one in self.sides(match)}
        return table(sorted(entrants), self.results(matches))


def rules_of(tournament: Tournament) -> Rules:
    return Rules(
        format=Format(tournament.format),
        third_place=tournament.third_place,
        group_size=tournament.group_size,
        group_advance=tournament.group_advance,
        swiss_rounds=tournament.swiss_rounds,
    )
