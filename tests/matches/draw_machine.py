"""A tournament in which reports, disputes, forfeits and corrections happen in any order."""

import random
from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from apps.matches.exceptions import RoundIsOver, TournamentNotLive
from apps.matches.models import Match
from apps.matches.services import (
    match_confirm,
    match_correct,
    match_decide,
    match_dispute,
    match_forfeit,
    no_shows_sweep,
)
from apps.tournaments.models import Tournament
from tests.matches import draws
from tests.matches.draws import player, random_score

TABLES = ("table", "group")
index = st.integers(0, 63)
chances = st.randoms(use_true_random=False)


class DrawMachine(RuleBasedStateMachine):
    tournament: Tournament
    format: str
    settled: dict[int, tuple[Any, ...]]

    @initialize(
        entrants=st.integers(2, 9),
        best_of=st.sampled_from([1, 3, 5, 7]),
        third_place=st.booleans(),
        group_size=st.integers(2, 5),
        swiss_rounds=st.integers(0, 4),
        chance=chances,
    )
    def begin(self, chance: random.Random, entrants: int, group_size: int, **fields: Any) -> None:
        advance = chance.randint(1, group_size - 1)
        self.tournament = draws.draw(
            self.format, entrants, group_size=group_size, group_advance=advance,
            no_show_minutes=10, **fields,
        )  # fmt: skip
        self.entrants = entrants
        self.settled = {}

    def open_match(self, number: int, *statuses: str) -> Match | None:
        matches = draws.open_matches(self.tournament, *statuses)
        if not matches:
            return None
        match = matches[number % len(matches)]
        match.tournament = self.tournament
        return match

    @rule(number=index, chance=chances)
    def both_report_the_same(self, number: int, chance: random.Random) -> None:
        if match := self.open_match(number, "ready"):
            draws.play(match, random_score(match, chance))

    @rule(number=index, chance=chances)
    def one_side_reports(self, number: int, chance: random.Random) -> None:
        if match := self.open_match(number, "ready"):
            draws.report(match, chance.choice("ab"), random_score(match, chance))

    @rule(number=index, disputed=st.booleans())
    def the_other_side_answers(self, number: int, disputed: bool) -> None:
        if match := self.open_match(number, "reported"):
            other = player(match, "a" if match.reported_by_id == player(match, "b").pk else "b")
            if disputed:
                match_dispute(match_id=match.pk, player=other, evidence="Wrong score.")
            else:
                match_confirm(match_id=match.pk, player=other)

    @rule(number=index, chance=chances)
    def the_organizer_decides(self, number: int, chance: random.Random) -> None:
        if match := self.open_match(number, "disputed"):
            self.decide(match, random_score(match, chance))

    @rule(number=index, side=st.sampled_from("ab"))
    def a_side_forfeits(self, number: int, side: str) -> None:
        if match := self.open_match(number):
            match_forfeit(match_id=match.pk, by=player(match, side))

    @rule(number=index)
    def the_timer_expires(self, number: int) -> None:
        if match := self.open_match(number, "ready", "reported"):
            draws.expire_timer(match)
            assert no_shows_sweep() == 1

    @rule(number=index, chance=chances)
    def a_result_is_corrected(self, number: int, chance: random.Random) -> None:
        matches = self.matches()
        completed = [match for match in matches if match.status == "completed"]
        if not completed:
            return
        match = completed[number % len(completed)]
        match.tournament = self.tournament
        is_over = not any(match.status in Match.OPEN for match in matches)
        is_fixed = is_over or self.is_fixed(match, matches)
        organizer, score = self.tournament.organizer, random_score(match, chance)
        try:
            match_correct(match_id=match.pk, organizer=organizer, score=score)
        except (RoundIsOver, TournamentNotLive):
            assert is_fixed
            assert results(self.matches()) == results(matches)
        else:
            assert not is_fixed

    def decide(self, match: Match, score: tuple[int, int]) -> None:
        match_decide(match_id=match.pk, organizer=self.tournament.organizer, score=score)

    def matches(self) -> list[Match]:
        return list(self.tournament.matches.all())

    def is_fixed(self, match: Match, matches: list[Match]) -> bool:
        """Whether a match that follows has begun, or was paired by the result."""
        begun = [other for other in matches if other.status not in Match.NOT_BEGUN]
        if match.stage in TABLES:
            candidates = matches if self.format == "swiss" else begun
            return any(is_later(other, match) for other in candidates) or any(
                other.stage == "playoff" for other in matches
            )
        if match.stage == "final":
            return any(is_later(other, match) for other in begun)
        return any(other.pk in (match.winner_to_id, match.loser_to_id) for other in begun)

    @invariant()
    def entrants_are_in_one_match_at_a_time_and_fixed_results_stay(self) -> None:
        matches = self.matches()
        busy = [pk for match in matches if match.status in Match.OPEN for pk in sides(match)]
        assert len(busy) == len(set(busy))
        seats = Counter(
            (match.stage, match.round, pk) for match in matches for pk in sides(match) if pk
        )
        assert set(seats.values()) <= {1}
        current = results(matches)
        assert self.settled.items() <= current.items()
        fixed = [
            match for match in matches if match.pk in current and self.is_fixed(match, matches)
        ]
        self.settled = {match.pk: current[match.pk] for match in fixed} | self.settled

    def teardown(self) -> None:
        if not hasattr(self, "tournament"):
            return
        try:
            for match in draws.open_matches(self.tournament, "reported", "disputed"):
                match.tournament = self.tournament
                self.decide(match, random_score(match, random.Random(match.pk)))
            draws.play_out(self.tournament, seed=self.entrants)
            self.check_end()
        finally:  # so that its timers do not run in the next example
            Tournament.objects.filter(pk=self.tournament.pk).update(status="cancelled")

    def check_end(self) -> None:
        raise NotImplementedError


def is_later(other: Match, match: Match) -> bool:
    same = (other.stage, other.group) == (match.stage, match.group)
    return same and other.round > match.round


def results(matches: list[Match]) -> dict[int, tuple[Any, ...]]:
    return {
        match.pk: (match.winner_id, match.score_a, match.score_b)
        for match in matches
        if match.status == "completed"
    }


def sides(match: Match) -> list[int | None]:
    return [match.entrant_a_id, match.entrant_b_id]
