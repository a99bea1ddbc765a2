from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.events.models import EventRecord
from apps.matches.models import Match
from apps.matches.services import (
    draws_sweep,
    match_dispute,
    match_report,
    no_shows_sweep,
    reminders_sweep,
    round_draw,
)
from tests.matches import drawn
from tests.matches.drawn import play, player, time_out

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def one(**fields: Any) -> Match:
    return drawn.draw("single_elimination", 4, **fields).matches.filter(round=1)[0]


def fresh(match: Match) -> Match:
    return Match.objects.get(pk=match.pk)


def test_where_both_are_silent_the_better_seed_goes_on() -> None:
    match = one(no_show_minutes=10)
    assert no_shows_sweep() == 0
    time_out(match)
    assert no_shows_sweep() == 1
    ended = fresh(match)
    assert (ended.status, ended.outcome, ended.score) == ("completed", "no_show", [2, 0])
    assert ended.winner_id == match.entrant_a_id
    assert no_shows_sweep() == 0


def test_a_report_that_nobody_answers_stands_in_the_end() -> None:
    match = one(no_show_minutes=10)
    match_report(match_id=match.pk, player=player(match, "b"), score=(1, 2))
    left = (fresh(match).forfeit_at or timezone.now()) - timezone.now()
    assert 9 * MINUTE < left <= 10 * MINUTE
    time_out(match)
    assert no_shows_sweep() == 1
    assert (fresh(match).outcome, fresh(match).winner_id) == ("no_show", match.entrant_b_id)


def test_a_dispute_waits_for_the_organizer_and_for_no_timer() -> None:
    match = one(no_show_minutes=10)
    match_report(match_id=match.pk, player=player(match, "b"), score=(1, 2))
    match_dispute(match_id=match.pk, player=player(match, "a"), evidence="No.")
    assert fresh(match).forfeit_at is None
    time_out(match)
    assert no_shows_sweep() == 0


def test_without_a_timer_a_match_waits_for_ever() -> None:
    assert one().forfeit_at is None


def test_a_match_with_a_time_is_given_until_then_and_so_many_minutes() -> None:
    starts_at = timezone.now() + timedelta(hours=2)
    match = one(no_show_minutes=10, round_minutes=30, starts_at=starts_at)
    assert match.scheduled_at == starts_at
    assert match.forfeit_at == starts_at + 10 * MINUTE


def test_a_tournament_that_is_no_longer_live_has_no_timers() -> None:
    match = one(no_show_minutes=10)
    time_out(match)
    type(match.tournament).objects.update(status="cancelled")
    assert no_shows_sweep() == 0


def test_each_round_has_its_time_and_a_losers_bracket_is_behind_by_what_it_waits_for() -> None:
    starts_at = timezone.now().replace(microsecond=0)
    cup = drawn.draw("double_elimination", 8, round_minutes=30, starts_at=starts_at)
    turns = {
        (match.stage, match.round): (match.scheduled_at - starts_at) // (30 * MINUTE)
        for match in cup.matches.all()
        if match.scheduled_at
    }
    assert [turns["winners", n] for n in (1, 2, 3)] == [0, 1, 2]
    assert [turns["losers", n] for n in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert turns["final", 1] == 5


def test_a_play_off_comes_after_the_groups() -> None:
    starts_at = timezone.now().replace(microsecond=0)
    cup = drawn.draw("groups", 8, group_size=4, round_minutes=30, starts_at=starts_at)
    while cup.matches.filter(stage="group").exclude(status="completed").exists():
        for match in drawn.to_play(cup):
            play(match, (2, 0))
    first = cup.matches.get(stage="playoff", round=1, position=0)
    assert first.scheduled_at == starts_at + 3 * 30 * MINUTE


def test_of_a_match_one_is_reminded_once_a_quarter_of_an_hour_before() -> None:
    starts_at = timezone.now() + 16 * MINUTE
    match = one(round_minutes=30, starts_at=starts_at)
    assert reminders_sweep() == 0
    Match.objects.filter(pk=match.pk).update(scheduled_at=timezone.now() + 15 * MINUTE)
    assert reminders_sweep() == 1
    assert reminders_sweep() == 0
    told = EventRecord.objects.get(name="match.reminded").data
    assert told["match_id"] == match.pk
    assert [person["id"] for person in told["players"]] == [
        player(match, "a").pk,
        player(match, "b").pk,
    ]
    assert told["scheduled_at"].endswith("Z")


def test_nobody_is_reminded_of_what_has_begun_or_is_past() -> None:
    match = one(round_minutes=30, starts_at=timezone.now() - MINUTE)
    assert reminders_sweep() == 0
    Match.objects.filter(pk=match.pk).update(scheduled_at=timezone.now() + 5 * MINUTE)
    match_report(match_id=match.pk, player=player(match, "a"), score=(2, 0))
    assert reminders_sweep() == 0


def finish_round(cup: Any, number: int) -> None:
    """The last of it by its players, the others by hand, so that it takes no while."""
    for match in cup.matches.filter(round=number).order_by("-pk")[1:]:
        Match.objects.filter(pk=match.pk).update(
            status="completed", winner=match.entrant_a, score_a=2, score_b=0, outcome="played"
        )
    play(cup.matches.get(round=number, status="ready"), (2, 0))


@pytest.mark.usefixtures("tasks_in_process")
def test_a_large_round_is_drawn_by_a_task(django_capture_on_commit_callbacks: Any) -> None:
    cup = drawn.draw("swiss", 66)
    with django_capture_on_commit_callbacks() as callbacks:
        finish_round(cup, 1)
    assert not cup.matches.filter(round=2).exists()
    for callback in callbacks:
        callback()
    assert cup.matches.filter(round=2).count() == 33
    assert round_draw(tournament_id=cup.pk) == 0


def test_a_draw_whose_task_was_lost_is_found() -> None:
    cup = drawn.draw("swiss", 66)
    finish_round(cup, 1)
    assert draws_sweep() == 1
    assert cup.matches.filter(round=2, status="ready").count() == 33
    assert draws_sweep() == 0


def test_a_small_round_is_drawn_at_once() -> None:
    cup = drawn.draw("swiss", 8)
    finish_round(cup, 1)
    assert cup.matches.filter(round=2, status="ready").count() == 4
