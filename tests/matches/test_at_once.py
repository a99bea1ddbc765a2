"""Two at once over one match, on a real Postgres: one comes first, and the other sees it."""

from functools import partial

import pytest

from apps.events.audit import chain
from apps.events.models import EventRecord
from apps.matches.models import Dispute, Match
from apps.matches.services import (
    match_confirm,
    match_correct,
    match_decide,
    match_forfeit,
    match_report,
    no_shows_sweep,
    reminders_sweep,
    round_draw,
)
from apps.tournaments.models import Tournament
from tests.matches import drawn
from tests.matches.drawn import player, time_out
from tests.threads import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
TRIES = 8


def semi_finals() -> list[Match]:
    """Many tries, as each is a matter of luck."""
    cups = [drawn.draw("single_elimination", 4, no_show_minutes=10) for _ in range(TRIES)]
    return [cup.matches.filter(round=1)[0] for cup in cups]


def fresh(match: Match) -> Match:
    return Match.objects.get(pk=match.pk)


def named(match: Match, name: str) -> int:
    return EventRecord.objects.filter(name=name, data__match_id=match.pk).count()


def test_two_opposing_reports_are_one_dispute() -> None:
    for match in semi_finals():
        found = at_once(
            partial(match_report, match_id=match.pk, player=player(match, "a"), score=(2, 0)),
            partial(match_report, match_id=match.pk, player=player(match, "b"), score=(0, 2)),
        )
        assert all(isinstance(one, Match) for one in found)
        assert fresh(match).status == "disputed"
        assert Dispute.objects.filter(match=match).count() == 1
        assert (named(match, "match.reported"), named(match, "match.disputed")) == (1, 1)


def test_two_equal_reports_are_one_result() -> None:
    for match in semi_finals():
        at_once(
            *(
                partial(match_report, match_id=match.pk, player=player(match, side), score=(2, 1))
                for side in "ab"
            )
        )
        assert (fresh(match).status, named(match, "match.completed")) == ("completed", 1)
        assert chain.first_fault(f"tournament:{match.tournament_id}") is None


def test_a_side_that_reports_ten_times_at_once_has_reported_once() -> None:
    match = semi_finals()[0]
    report = partial(match_report, match_id=match.pk, player=player(match, "a"), score=(2, 1))
    found = at_once(*[report] * 10)
    assert found.count("match_already_reported") == 9
    assert match.reports.count() == 1


def test_of_confirm_and_decide_at_once_one_is_too_late() -> None:
    outcomes = set()
    for match in semi_finals():
        match_report(match_id=match.pk, player=player(match, "a"), score=(2, 0))
        organizer = match.tournament.organizer
        found = at_once(
            partial(match_confirm, match_id=match.pk, player=player(match, "b")),
            partial(match_decide, match_id=match.pk, organizer=organizer, score=(0, 2)),
        )
        assert found.count("match_already_completed") == 1
        ended = fresh(match)
        outcomes.add((ended.outcome, ended.score == [2, 0]))
        assert named(match, "match.completed") == 1
        final = Match.objects.get(tournament=match.tournament_id, round=2)
        assert final.entrant_a_id == ended.winner_id
    assert outcomes <= {("played", True), ("decided", False)}


def test_of_the_timer_and_a_report_at_once_one_is_too_late() -> None:
    for match in semi_finals():
        time_out(match)
        found = at_once(
            no_shows_sweep,
            partial(match_report, match_id=match.pk, player=player(match, "b"), score=(0, 2)),
        )
        ended = fresh(match)
        if found[0] == 1:
            assert found[1] == "match_already_completed"
            assert (ended.outcome, ended.winner_id) == ("no_show", match.entrant_a_id)
        else:
            assert (found[0], ended.status) == (0, "reported")
        assert named(match, "match.completed") == found[0]


def test_sweeps_at_once_do_each_thing_once() -> None:
    for match in semi_finals():
        time_out(match)
    assert sum(found for found in at_once(*[no_shows_sweep] * 4) if isinstance(found, int)) == TRIES
    assert EventRecord.objects.filter(name="match.completed").count() == TRIES
    assert at_once(*[reminders_sweep] * 4) == [0] * 4


def test_both_sides_give_up_at_once_and_one_was_first() -> None:
    for match in semi_finals():
        found = at_once(
            *(partial(match_forfeit, match_id=match.pk, by=player(match, side)) for side in "ab")
        )
        assert found.count("match_already_completed") == 1
        assert named(match, "match.completed") == 1


def test_both_semi_finals_end_at_once_and_the_final_has_both() -> None:
    for first in semi_finals():
        second = first.tournament.matches.get(round=1, position=1)
        for match in (first, second):
            match_report(match_id=match.pk, player=player(match, "a"), score=(2, 0))
        at_once(
            *(
                partial(match_confirm, match_id=match.pk, player=player(match, "b"))
                for match in (first, second)
            )
        )
        final = Match.objects.get(tournament=first.tournament_id, round=2)
        assert (final.status, named(final, "match.ready")) == ("ready", 1)
        assert {final.entrant_a_id, final.entrant_b_id} == {
            first.entrant_a_id,
            second.entrant_a_id,
        }


def test_a_correction_and_the_final_s_first_report_at_once() -> None:
    for first in semi_finals():
        second = first.tournament.matches.get(round=1, position=1)
        for match in (first, second):
            drawn.play(match, (2, 0))
        final = Match.objects.get(tournament=first.tournament_id, round=2)
        found = at_once(
            partial(
                match_correct,
                match_id=first.pk,
                organizer=first.tournament.organizer,
                score=(0, 2),
            ),
            partial(match_report, match_id=final.pk, player=player(first, "a"), score=(2, 0)),
        )
        final = fresh(final)
        if isinstance(found[0], Match):
            assert found[1] == "not_your_match"
            assert (final.entrant_a_id, final.status) == (first.entrant_b_id, "ready")
        else:
            assert (found[0], final.status) == ("round_is_over", "reported")
            assert final.entrant_a_id == first.entrant_a_id


def test_a_round_that_is_drawn_by_many_at_once_is_drawn_once() -> None:
    cup = drawn.draw("swiss", 66)
    Tournament.objects.filter(pk=cup.pk).update(status="draft")  # no reaction draws it
    for match in cup.matches.all():
        Match.objects.filter(pk=match.pk).update(
            status="completed", winner=match.entrant_a, score_a=2, score_b=0, outcome="played"
        )
    Tournament.objects.filter(pk=cup.pk).update(status="live")
    found = at_once(*[partial(round_draw, tournament_id=cup.pk)] * 4)
    assert sorted(found, key=str) == [0, 0, 0, 33]
    assert cup.matches.filter(round=2).count() == 33
    assert EventRecord.objects.filter(name="round.drawn").count() == 1
