import pytest

from apps.events.models import EventRecord
from apps.matches.exceptions import MatchNotCompleted, RoundIsOver, TournamentNotLive
from apps.matches.models import Match
from apps.matches.selectors import placements
from apps.matches.services import match_correct, match_report, round_draw
from apps.tournaments.models import Tournament
from tests.matches import drawn
from tests.matches.drawn import play, player

pytestmark = pytest.mark.django_db


def at(tournament: Tournament, stage: str, round: int, position: int = 0, group: int = 0) -> Match:
    match = tournament.matches.get(stage=stage, round=round, position=position, group=group)
    match.tournament = tournament
    return match


def correct(match: Match, score: tuple[int, int]) -> Match:
    return match_correct(match_id=match.pk, organizer=match.tournament.organizer, score=score)


def events(tournament: Tournament) -> list[str]:
    stream = EventRecord.objects.filter(stream_id=f"tournament:{tournament.pk}").order_by("seq")
    return list(stream.values_list("name", flat=True))


def test_who_went_on_is_taken_out_again_and_the_right_one_put_in() -> None:
    cup = drawn.draw("single_elimination", 4, third_place=True)
    first, second = at(cup, "winners", 1, 0), at(cup, "winners", 1, 1)
    play(first, (2, 0))
    play(second, (2, 0))
    final, third = at(cup, "winners", 2), at(cup, "third_place", 2)
    assert (final.status, third.status) == ("ready", "ready")
    before = len(events(cup))
    correct(first, (1, 2))
    final, third = at(cup, "winners", 2), at(cup, "third_place", 2)
    assert (final.entrant_a_id, third.entrant_a_id) == (first.entrant_b_id, first.entrant_a_id)
    assert (final.status, third.status) == ("ready", "ready")
    assert events(cup)[before:] == ["match.corrected", "match.ready", "match.ready"]
    told = EventRecord.objects.get(name="match.corrected").data
    assert (told["old_score"], told["score"], told["final"]) == ([2, 0], [1, 2], False)
    assert told["old_winner"]["id"] == player(first, "a").pk
    assert told["winner"]["id"] == player(first, "b").pk


def test_a_score_alone_is_corrected_without_moving_anybody() -> None:
    cup = drawn.draw("single_elimination", 4)
    play(first := at(cup, "winners", 1), (2, 0))
    correct(first, (2, 1))
    assert at(cup, "winners", 1).score == [2, 1]
    assert events(cup)[-1] == "match.corrected"


@pytest.mark.parametrize("score", [(0, 2), (2, 1)])
def test_once_the_next_match_has_a_report_the_result_stands(score: tuple[int, int]) -> None:
    cup = drawn.draw("single_elimination", 4)
    first, second = at(cup, "winners", 1, 0), at(cup, "winners", 1, 1)
    play(first, (2, 0))
    play(second, (2, 0))
    final = at(cup, "winners", 2)
    match_report(match_id=final.pk, player=player(final, "b"), score=(2, 0))
    with pytest.raises(RoundIsOver):
        correct(first, score)
    assert at(cup, "winners", 1, 0).score == [2, 0]
    assert at(cup, "winners", 2).entrant_a_id == first.entrant_a_id


def test_what_is_not_over_or_has_ended_for_good_is_not_corrected() -> None:
    cup = drawn.draw("single_elimination", 2)
    with pytest.raises(MatchNotCompleted):
        correct(at(cup, "winners", 1), (2, 0))
    play(at(cup, "winners", 1), (2, 0))
    with pytest.raises(TournamentNotLive):
        correct(at(cup, "winners", 1), (0, 2))


def test_of_a_round_robin_results_stand_once_the_next_round_has_begun() -> None:
    league = drawn.draw("round_robin", 4)
    first, second = at(league, "table", 1, 0), at(league, "table", 1, 1)
    play(first, (2, 0))
    play(second, (2, 0))
    correct(first, (0, 2))
    following = at(league, "table", 2)
    match_report(match_id=following.pk, player=player(following, "a"), score=(2, 0))
    with pytest.raises(RoundIsOver):
        correct(first, (2, 0))


def test_of_a_swiss_results_stand_once_the_next_round_is_drawn() -> None:
    swiss = drawn.draw("swiss", 4)
    first, second = at(swiss, "table", 1, 0), at(swiss, "table", 1, 1)
    play(first, (2, 0))
    correct(first, (0, 2))
    play(second, (2, 0))
    assert swiss.matches.filter(round=2).count() == 2
    with pytest.raises(RoundIsOver):
        correct(first, (2, 0))
    assert events(swiss)[-3:] == ["round.drawn", "match.ready", "match.ready"]


def test_of_groups_results_stand_once_the_play_off_is_drawn() -> None:
    groups = drawn.draw("groups", 4, group_size=2, group_advance=1)
    first, second = at(groups, "group", 1, 0, 1), at(groups, "group", 1, 0, 2)
    play(first, (2, 0))
    correct(first, (0, 2))
    play(second, (2, 0))
    final = at(groups, "playoff", 1)
    assert final.entrant_a_id == first.entrant_b_id
    with pytest.raises(RoundIsOver):
        correct(second, (0, 2))


def test_a_reset_comes_only_if_the_winners_champion_loses_and_goes_if_that_was_wrong() -> None:
    cup = drawn.draw("double_elimination", 2)
    play(at(cup, "winners", 1), (2, 0))
    play(at(cup, "final", 1), (0, 2))
    assert at(cup, "final", 2).status == "ready"
    assert events(cup)[-3:] == ["match.completed", "round.drawn", "match.ready"]
    correct(at(cup, "final", 1), (2, 1))
    assert not cup.matches.filter(stage="final", round=2).exists()
    cup.refresh_from_db()
    champion = at(cup, "final", 1).entrant_a_id
    assert (cup.status, placements(tournament_id=cup.pk)[0]) == ("completed", (1, champion))
    assert EventRecord.objects.filter(data__final=True).get().name == "match.corrected"


def test_a_reset_that_has_begun_keeps_the_first_final_as_it_was() -> None:
    cup = drawn.draw("double_elimination", 2)
    play(at(cup, "winners", 1), (2, 0))
    play(at(cup, "final", 1), (0, 2))
    second = at(cup, "final", 2)
    match_report(match_id=second.pk, player=player(second, "a"), score=(2, 0))
    with pytest.raises(RoundIsOver):
        correct(at(cup, "final", 1), (2, 0))
    match_report(match_id=second.pk, player=player(second, "b"), score=(2, 0))
    cup.refresh_from_db()
    assert cup.status == "completed"


def test_a_final_is_final_only_with_the_third_place_decided() -> None:
    cup = drawn.draw("single_elimination", 4, third_place=True)
    for position in (0, 1):
        play(at(cup, "winners", 1, position), (2, 0))
    play(at(cup, "winners", 2), (2, 0))
    cup.refresh_from_db()
    assert cup.status == "live"
    play(at(cup, "third_place", 2), (0, 2))
    cup.refresh_from_db()
    assert cup.status == "completed"
    seeds = cup.registrations.in_bulk()
    placed = [(place, seeds[pk].seed) for place, pk in placements(tournament_id=cup.pk)]
    assert placed == [(1, 1), (2, 2), (3, 3), (4, 4)]


@pytest.mark.parametrize("format", drawn.FORMATS)
def test_a_draw_that_is_not_due_is_not_made(format: str) -> None:
    assert round_draw(tournament_id=drawn.draw(format, 4).pk) == 0
