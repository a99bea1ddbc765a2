"""A tournament in which reports, disputes, forfeits and corrections happen in any order."""

import random
from collections import Counter
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from apps.events.models import EventRecord
from apps.matches import services
from apps.matches.exceptions import RoundIsOver, TournamentNotLive
from apps.matches.models import Match
from apps.matches.selectors import placements, standings
from apps.tournaments.models import Tournament
from tests.matches import draws
from tests.matches.draws import player, random_score

index = st.integers(0, 63)
chances = st.randoms(use_true_random=False)


class DrawMachine(RuleBasedStateMachine):
    tournament: Tournament
    format: str
    results: dict[int, tuple[Any, ...]]

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
        self.results = {}

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
                services.match_dispute(match_id=match.pk, player=other, evidence="Wrong score.")
            else:
                services.match_confirm(match_id=match.pk, player=other)

    @rule(number=index, chance=chances)
    def the_organizer_decides(self, number: int, chance: random.Random) -> None:
        if match := self.open_match(number, "disputed"):
            self.decide(match, random_score(match, chance))

    @rule(number=index, side=st.sampled_from("ab"))
    def a_side_forfeits(self, number: int, side: str) -> None:
        if match := self.open_match(number):
            services.match_forfeit(match_id=match.pk, by=player(match, side))

    @rule(number=index)
    def the_timer_expires(self, number: int) -> None:
        if match := self.open_match(number, "ready", "reported"):
            draws.expire_timer(match)
            assert services.no_shows_sweep() == 1

    @rule(number=index, chance=chances)
    def a_result_is_corrected(self, number: int, chance: random.Random) -> None:
        if not self.results:
            return
        pk = list(self.results)[number % len(self.results)]
        match = self.tournament.matches.get(pk=pk)
        match.tournament = self.tournament
        with suppress(RoundIsOver, TournamentNotLive):
            organizer, score = self.tournament.organizer, random_score(match, chance)
            services.match_correct(match_id=pk, organizer=organizer, score=score)
            del self.results[pk]

    def decide(self, match: Match, score: tuple[int, int]) -> None:
        services.match_decide(match_id=match.pk, organizer=self.tournament.organizer, score=score)

    @invariant()
    def entrants_are_in_one_match_at_a_time_and_results_stay(self) -> None:
        """A correction changes no other result: what follows from the old one has not begun."""
        matches = list(self.tournament.matches.all())
        busy = [pk for match in matches if match.status in Match.OPEN for pk in sides(match)]
        assert len(busy) == len(set(busy))
        seats = Counter(
            (match.stage, match.round, pk) for match in matches for pk in sides(match) if pk
        )
        assert set(seats.values()) <= {1}
        results = {
            match.pk: (match.winner_id, match.score_a, match.score_b)
            for match in matches
            if match.status == "completed"
        }
        assert self.results.items() <= results.items()
        self.results = results

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
        cup = self.tournament
        cup.refresh_from_db()
        matches = list(cup.matches.all())
        everyone = set(cup.registrations.values_list("pk", flat=True))
        assert {match.status for match in matches} == {cup.status} == {"completed"}
        assert {pk for match in matches for pk in sides(match)} == everyone
        finals = EventRecord.objects.filter(stream_id=f"tournament:{cup.pk}", data__final=True)
        assert finals.count() == 1
        placed = [(place, entrant.pk) for place, entrant in placements(tournament=cup)]
        assert [place for place, _ in placed].count(1) == 1
        assert {entrant for _, entrant in placed} == everyone
        assert cup.champion == cup.registrations.get(pk=placed[0][1]).player
        assert sorted(cup.registrations.values_list("place", "pk")) == sorted(placed)
        for table in standings(tournament=cup):
            if table.stage == "table":
                assert [row.entrant.pk for row in table.rows] == [entrant for _, entrant in placed]


def sides(match: Match) -> list[int | None]:
    return [match.entrant_a_id, match.entrant_b_id]
