from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.events.models import EventRecord
from apps.matches import services
from apps.matches.models import Match
from tests.matches import draws
from tests.matches.draws import expire_timer, fresh, play, player, report

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def semifinal(**fields: Any) -> Match:
    return draws.draw("single_elimination", 4, **fields).matches.filter(round=1)[0]


def test_the_better_seed_wins_if_no_side_reports_in_time() -> None:
    match = semifinal(no_show_minutes=10)
    assert services.no_shows_sweep() == 0
    expire_timer(match)
    assert services.no_shows_sweep() == 1
    ended = fresh(match)
    assert (ended.status, ended.outcome, ended.score) == ("completed", "no_show", [2, 0])
    assert ended.winner_id == match.entrant_a_id
    assert services.no_shows_sweep() == 0


def test_a_report_that_is_not_confirmed_in_time_is_the_result() -> None:
    match = semifinal(no_show_minutes=10)
    report(match, "b", (1, 2))
    left = (fresh(match).forfeit_at or timezone.now()) - timezone.now()
    assert 9 * MINUTE < left <= 10 * MINUTE
    expire_timer(match)
    assert services.no_shows_sweep() == 1
    assert (fresh(match).outcome, fresh(match).winner_id) == ("no_show", match.entrant_b_id)


def test_a_dispute_has_no_timer() -> None:
    match = semifinal(no_show_minutes=10)
    report(match, "b", (1, 2))
    services.match_dispute(match_id=match.pk, player=player(match, "a"), evidence="No.")
    assert fresh(match).forfeit_at is None
    expire_timer(match)
    assert services.no_shows_sweep() == 0


def test_a_tournament_without_no_show_minutes_has_no_timer() -> None:
    assert semifinal().forfeit_at is None


def test_the_timer_of_a_scheduled_match_starts_at_its_time() -> None:
    starts_at = timezone.now() + timedelta(hours=2)
    match = semifinal(no_show_minutes=10, round_minutes=30, starts_at=starts_at)
    assert match.scheduled_at == starts_at
    assert match.forfeit_at == starts_at + 10 * MINUTE


def test_a_canceled_tournament_has_no_timers() -> None:
    match = semifinal(no_show_minutes=10)
    expire_timer(match)
    type(match.tournament).objects.update(status="cancelled")
    assert services.no_shows_sweep() == 0


def test_losers_rounds_are_scheduled_after_the_rounds_they_wait_for() -> None:
    starts_at = timezone.now().replace(microsecond=0)
    cup = draws.draw("double_elimination", 8, round_minutes=30, starts_at=starts_at)
    turns = {
        (match.stage, match.round): (match.scheduled_at - starts_at) // (30 * MINUTE)
        for match in cup.matches.all()
        if match.scheduled_at
    }
    assert [turns["winners", n] for n in (1, 2, 3)] == [0, 1, 2]
    assert [turns["losers", n] for n in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert turns["final", 1] == 5


def test_playoffs_are_scheduled_after_the_groups() -> None:
    starts_at = timezone.now().replace(microsecond=0)
    cup = draws.draw("groups", 8, group_size=4, round_minutes=30, starts_at=starts_at)
    while cup.matches.filter(stage="group").exclude(status="completed").exists():
        for match in draws.open_matches(cup):
            play(match)
    first = cup.matches.get(stage="playoff", round=1, position=0)
    assert first.scheduled_at == starts_at + 3 * 30 * MINUTE


def test_players_are_reminded_once_fifteen_minutes_before() -> None:
    match = semifinal(round_minutes=30, starts_at=timezone.now() + 16 * MINUTE)
    assert services.reminders_sweep() == 0
    Match.objects.filter(pk=match.pk).update(scheduled_at=timezone.now() + 15 * MINUTE)
    assert services.reminders_sweep() == 1
    assert services.reminders_sweep() == 0
    data = EventRecord.objects.get(name="match.reminded").data
    assert data["match_id"] == match.pk
    assert [person["id"] for person in data["players"]] == [player(match, side).pk for side in "ab"]
    assert data["scheduled_at"].endswith("Z")


def test_there_is_no_reminder_for_a_match_that_is_past_or_reported() -> None:
    match = semifinal(round_minutes=30, starts_at=timezone.now() - MINUTE)
    assert services.reminders_sweep() == 0
    Match.objects.filter(pk=match.pk).update(scheduled_at=timezone.now() + 5 * MINUTE)
    report(match, "a", (2, 0))
    assert services.reminders_sweep() == 0


def finish_first_round(cup: Any) -> None:
    """Only the last match is reported."""
    last = cup.matches.filter(round=1).latest("pk")
    draws.decide_all(cup.matches.filter(round=1).exclude(pk=last.pk))
    play(last)


@pytest.mark.usefixtures("tasks_in_process")
def test_a_large_round_is_drawn_by_a_task(django_capture_on_commit_callbacks: Any) -> None:
    cup = draws.draw("swiss", 66)
    with django_capture_on_commit_callbacks() as callbacks:
        finish_first_round(cup)
    assert not cup.matches.filter(round=2).exists()
    for callback in callbacks:
        callback()
    assert cup.matches.filter(round=2).count() == 33
    assert services.round_draw(tournament_id=cup.pk) == 0


def test_a_sweep_draws_a_round_whose_task_was_lost() -> None:
    cup = draws.draw("swiss", 66)
    finish_first_round(cup)
    assert services.draws_sweep() == 1
    assert cup.matches.filter(round=2, status="ready").count() == 33
    assert services.draws_sweep() == 0
