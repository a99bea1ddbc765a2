"""Concurrent actions on one match, on Postgres: one comes first, and the others see its result."""

from functools import partial

import pytest

from apps.events.audit import chain
from apps.events.models import EventRecord
from apps.matches.models import Dispute, Match
from apps.matches.services import (
    match_confirm,
    match_correct,
    match_decide,
    match_report,
    no_shows_sweep,
    reminders_sweep,
    round_draw,
)
from tests.matches import draws
from tests.matches.draws import expire_timer, fresh, player
from tests.threads import run_concurrently

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
TRIES = 8  # races are a matter of luck


def semifinals() -> list[Match]:
    cups = [draws.draw("single_elimination", 4, no_show_minutes=10) for _ in range(TRIES)]
    return [cup.matches.filter(round=1)[0] for cup in cups]


def reporting(match: Match, side: str, score: tuple[int, int]) -> partial[Match]:
    return partial(match_report, match_id=match.pk, player=player(match, side), score=score)


def confirming(match: Match) -> partial[Match]:
    return partial(match_confirm, match_id=match.pk, player=player(match, "b"))


def count(match: Match, name: str) -> int:
    return EventRecord.objects.filter(name=name, data__match_id=match.pk).count()


def final_of(match: Match) -> Match:
    return Match.objects.get(tournament=match.tournament_id, round=2)


def test_two_different_reports_open_one_dispute() -> None:
    for match in semifinals():
        outcomes = run_concurrently(reporting(match, "a", (2, 0)), reporting(match, "b", (0, 2)))
        assert all(isinstance(outcome, Match) for outcome in outcomes)
        assert fresh(match).status == "disputed"
        assert Dispute.objects.filter(match=match).count() == 1
        assert (count(match, "match.reported"), count(match, "match.disputed")) == (1, 1)


def test_two_equal_reports_complete_the_match_once() -> None:
    for match in semifinals():
        run_concurrently(reporting(match, "a", (2, 1)), reporting(match, "b", (2, 1)))
        assert (fresh(match).status, count(match, "match.completed")) == ("completed", 1)
        assert chain.first_fault(f"tournament:{match.tournament_id}") is None


def test_either_a_confirmation_or_a_decision_completes_the_match() -> None:
    endings = set()
    for match in semifinals():
        reporting(match, "a", (2, 0))()
        organizer = match.tournament.organizer
        deciding = partial(match_decide, match_id=match.pk, organizer=organizer, score=(0, 2))
        outcomes = run_concurrently(confirming(match), deciding)
        assert outcomes.count("match_already_completed") == 1
        ended = fresh(match)
        endings.add((ended.outcome, ended.score == [2, 0]))
        assert count(match, "match.completed") == 1
        assert final_of(match).entrant_a_id == ended.winner_id
    assert endings <= {("played", True), ("decided", False)}


def test_either_the_timer_or_a_report_comes_first() -> None:
    for match in semifinals():
        expire_timer(match)
        swept, reported = run_concurrently(no_shows_sweep, reporting(match, "b", (0, 2)))
        ended = fresh(match)
        if swept == 1:
            assert reported == "match_already_completed"
            assert (ended.outcome, ended.winner_id) == ("no_show", match.entrant_a_id)
        else:
            assert (swept, ended.status) == (0, "reported")
        assert count(match, "match.completed") == swept


def test_concurrent_sweeps_process_each_match_once() -> None:
    for match in semifinals():
        expire_timer(match)
    outcomes = run_concurrently(*[no_shows_sweep] * 4)
    assert sum(outcome for outcome in outcomes if isinstance(outcome, int)) == TRIES
    assert EventRecord.objects.filter(name="match.completed").count() == TRIES
    assert run_concurrently(*[reminders_sweep] * 4) == [0] * 4


def test_both_winners_of_concurrent_semifinals_reach_the_final() -> None:
    for first in semifinals():
        second = first.tournament.matches.get(round=1, position=1)
        for match in (first, second):
            reporting(match, "a", (2, 0))()
        run_concurrently(confirming(first), confirming(second))
        final = final_of(first)
        assert (final.status, count(final, "match.ready")) == ("ready", 1)
        assert {final.entrant_a_id, final.entrant_b_id} == {first.entrant_a_id, second.entrant_a_id}


def test_either_a_correction_or_the_first_report_of_the_final_comes_first() -> None:
    for first in semifinals():
        draws.play(first)
        draws.play(first.tournament.matches.get(round=1, position=1))
        final, organizer = final_of(first), first.tournament.organizer
        corrected, reported = run_concurrently(
            partial(match_correct, match_id=first.pk, organizer=organizer, score=(0, 2)),
            partial(match_report, match_id=final.pk, player=player(first, "a"), score=(2, 0)),
        )
        final = fresh(final)
        if isinstance(corrected, Match):
            assert reported == "not_your_match"
            assert (final.entrant_a_id, final.status) == (first.entrant_b_id, "ready")
        else:
            assert (corrected, final.status) == ("round_is_over", "reported")
            assert final.entrant_a_id == first.entrant_a_id


def test_a_round_is_drawn_once() -> None:
    cup = draws.draw("swiss", 66)
    draws.decide_all(cup.matches.all())
    outcomes = run_concurrently(*[partial(round_draw, tournament_id=cup.pk)] * 4)
    assert sorted(outcomes, key=str) == [0, 0, 0, 33]
    assert cup.matches.filter(round=2).count() == 33
    assert EventRecord.objects.filter(name="round.drawn").count() == 1
