"""A draw that anything may happen to, in any order."""

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
    match_report,
    no_shows_sweep,
)
from apps.tournaments.models import Tournament
from tests.matches import drawn
from tests.matches.drawn import a_score, player

TABLES = ("table", "group")
which = st.integers(0, 63)
chances = st.randoms(use_true_random=False)


class AnyDraw(RuleBasedStateMachine):
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
        self.tournament = drawn.draw(
            self.format, entrants, group_size=group_size, group_advance=advance,
            no_show_minutes=10, **fields,
        )  # fmt: skip
        self.entrants = entrants
        self.settled = {}

    def open_(self, number: int, *statuses: str) -> Match | None:
        matches = drawn.to_play(self.tournament, *statuses)
        if not matches:
            return None
        match = matches[number % len(matches)]
        match.tournament = self.tournament
        return match

    @rule(number=which, chance=chances)
    def both_report_the_same(self, number: int, chance: random.Random) -> None:
        if match := self.open_(number, "ready"):
            drawn.play(match, a_score(match, chance))

    @rule(number=which, chance=chances)
    def one_reports(self, number: int, chance: random.Random) -> None:
        if match := self.open_(number, "ready"):
            side = chance.choice("ab")
            match_report(
                match_id=match.pk, player=player(match, side), score=a_score(match, chance)
            )

    @rule(number=which, disputed=st.booleans())
    def the_other_answers(self, number: int, disputed: bool) -> None:
        if match := self.open_(number, "reported"):
            other = player(match, "a" if match.reported_by_id == player(match, "b").pk else "b")
            if disputed:
                match_dispute(match_id=match.pk, player=other, evidence="It was not like that.")
            else:
                match_confirm(match_id=match.pk, player=other)

    @rule(number=which, chance=chances)
    def the_organizer_decides(self, number: int, chance: random.Random) -> None:
        if match := self.open_(number, "disputed"):
            organizer = self.tournament.organizer
            match_decide(match_id=match.pk, organizer=organizer, score=a_score(match, chance))

    @rule(number=which, side=st.sampled_from("ab"))
    def one_gives_up(self, number: int, side: str) -> None:
        if match := self.open_(number, "ready", "reported", "disputed"):
            match_forfeit(match_id=match.pk, by=player(match, side))

    @rule(number=which)
    def nobody_answers_in_time(self, number: int) -> None:
        if match := self.open_(number, "ready", "reported"):
            drawn.time_out(match)
            assert no_shows_sweep() == 1

    @rule(number=which, chance=chances)
    def a_result_is_corrected(self, number: int, chance: random.Random) -> None:
        matches = self.matches()
        over = [one for one in matches if one.status == "completed"]
        if not over:
            return
        match = over[number % len(over)]
        match.tournament = self.tournament
        is_over = not any(one.status in Match.OPEN for one in matches)
        begun = is_over or self.has_gone_on(match, matches)
        try:
            match_correct(
                match_id=match.pk,
                organizer=self.tournament.organizer,
                score=a_score(match, chance),
            )
        except (RoundIsOver, TournamentNotLive):
            assert begun
            assert results(self.matches()) == results(matches)
        else:
            assert not begun

    def matches(self) -> list[Match]:
        return list(self.tournament.matches.all())

    def has_gone_on(self, match: Match, matches: list[Match]) -> bool:
        """Whether what follows from a match has begun, or is drawn by its result."""
        begun = [one for one in matches if one.status not in ("pending", "ready")]
        if match.stage in TABLES:
            later = matches if self.format == "swiss" else begun
            return any(
                (one.stage, one.group) == (match.stage, match.group) and one.round > match.round
                for one in later
            ) or any(one.stage == "playoff" for one in matches)
        if match.stage == "final":
            return any(one.stage == "final" and one.round > match.round for one in begun)
        return any(one.pk in (match.winner_to_id, match.loser_to_id) for one in begun)

    @invariant()
    def everybody_is_in_one_place_and_what_is_settled_stays(self) -> None:
        matches = self.matches()
        nobody_is_in_two_open_matches(matches)
        nobody_is_in_two_places_of_a_round(matches)
        found = results(matches)
        assert self.settled.items() <= found.items()
        over = [one for one in matches if one.pk in found]
        gone_on = {one.pk: found[one.pk] for one in over if self.has_gone_on(one, matches)}
        self.settled = gone_on | self.settled

    def teardown(self) -> None:
        if not hasattr(self, "tournament"):
            return
        try:
            finish_open(self.tournament)
            drawn.play_out(self.tournament, seed=self.entrants)
            self.ended()
        finally:  # no timer of it runs into the next example
            Tournament.objects.filter(pk=self.tournament.pk).update(status="cancelled")

    def ended(self) -> None:
        """What holds at the end is for the test to say."""
        raise NotImplementedError


def results(matches: list[Match]) -> dict[int, tuple[Any, ...]]:
    over = [one for one in matches if one.status == "completed"]
    return {one.pk: (one.winner_id, one.score_a, one.score_b) for one in over}


def nobody_is_in_two_open_matches(matches: list[Match]) -> None:
    busy = [pk for match in matches if match.status in Match.OPEN for pk in sides(match)]
    assert len(busy) == len(set(busy))


def nobody_is_in_two_places_of_a_round(matches: list[Match]) -> None:
    seats = Counter(
        (match.stage, match.round, pk) for match in matches for pk in sides(match) if pk is not None
    )
    assert set(seats.values()) <= {1}


def sides(match: Match) -> list[int | None]:
    return [match.entrant_a_id, match.entrant_b_id]


def finish_open(tournament: Tournament) -> None:
    """What is reported or disputed is decided, so that the rest can be played."""
    for match in drawn.to_play(tournament):
        if match.status != "ready":
            match.tournament = tournament
            score = a_score(match, random.Random(match.pk))
            match_decide(match_id=match.pk, organizer=tournament.organizer, score=score)
