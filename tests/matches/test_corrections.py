import pytest

from apps.events.models import EventRecord
from apps.matches.exceptions import MatchNotCompleted, RoundIsOver, TournamentNotLive
from apps.matches.models import Match
from apps.matches.selectors import placements
from apps.matches.services import match_correct
from tests.matches import draws
from tests.matches.draws import match_at, play, player, report
from tests.tournaments.steps import event_names

pytestmark = pytest.mark.django_db


def correct(match: Match, score: tuple[int, int]) -> Match:
    return match_correct(match_id=match.pk, organizer=match.tournament.organizer, score=score)


def test_a_correction_changes_the_entrants_of_the_following_matches() -> None:
    cup = draws.draw("single_elimination", 4, third_place=True)
    first = match_at(cup, "winners", 1, 0)
    play(first)
    play(match_at(cup, "winners", 1, 1))
    final, third = match_at(cup, "winners", 2), match_at(cup, "third_place", 2)
    assert (final.status, third.status) == ("ready", "ready")
    before = len(event_names(cup))
    correct(first, (1, 2))
    final, third = match_at(cup, "winners", 2), match_at(cup, "third_place", 2)
    assert (final.entrant_a_id, third.entrant_a_id) == (first.entrant_b_id, first.entrant_a_id)
    assert (final.status, third.status) == ("ready", "ready")
    assert event_names(cup)[before:] == ["match.corrected", "match.ready", "match.ready"]
    data = EventRecord.objects.get(name="match.corrected").data
    assert (data["old_score"], data["score"], data["final"]) == ([2, 0], [1, 2], False)
    assert data["old_winner"]["id"] == player(first, "a").pk
    assert data["winner"]["id"] == player(first, "b").pk


def test_a_corrected_score_with_the_same_winner_changes_no_other_match() -> None:
    cup = draws.draw("single_elimination", 4)
    play(first := match_at(cup, "winners", 1))
    correct(first, (2, 1))
    assert match_at(cup, "winners", 1).score == [2, 1]
    assert event_names(cup)[-1] == "match.corrected"


@pytest.mark.parametrize("score", [(0, 2), (2, 1)])
def test_a_result_is_fixed_once_the_next_match_has_a_report(score: tuple[int, int]) -> None:
    cup = draws.draw("single_elimination", 4)
    first = match_at(cup, "winners", 1, 0)
    play(first)
    play(match_at(cup, "winners", 1, 1))
    report(match_at(cup, "winners", 2), "b", (2, 0))
    with pytest.raises(RoundIsOver):
        correct(first, score)
    assert match_at(cup, "winners", 1, 0).score == [2, 0]
    assert match_at(cup, "winners", 2).entrant_a_id == first.entrant_a_id


def test_only_results_of_a_live_tournament_are_corrected() -> None:
    cup = draws.draw("single_elimination", 2)
    with pytest.raises(MatchNotCompleted):
        correct(match_at(cup, "winners", 1), (2, 0))
    play(match_at(cup, "winners", 1))
    with pytest.raises(TournamentNotLive):
        correct(match_at(cup, "winners", 1), (0, 2))


def test_results_of_a_round_robin_are_fixed_once_the_next_round_has_begun() -> None:
    league = draws.draw("round_robin", 4)
    first = match_at(league, "table", 1, 0)
    play(first)
    play(match_at(league, "table", 1, 1))
    correct(first, (0, 2))
    report(match_at(league, "table", 2), "a", (2, 0))
    with pytest.raises(RoundIsOver):
        correct(first, (2, 0))


@pytest.mark.parametrize("format", ["swiss", "groups"])
def test_results_are_fixed_once_the_following_matches_are_drawn(format: str) -> None:
    cup = draws.draw(format, 4, group_size=2, group_advance=1)
    first, second = cup.matches.all()
    play(first)
    correct(first, (0, 2))
    play(second)
    following = cup.matches.exclude(pk__in=[first.pk, second.pk])
    assert {match.status for match in following} == {"ready"}
    assert first.entrant_b in [entrant for match in following for entrant in match.entrants]
    for match in (first, second):
        with pytest.raises(RoundIsOver):
            correct(match, (2, 1))


def test_a_correction_of_the_grand_final_deletes_its_reset() -> None:
    cup = draws.draw("double_elimination", 2)
    play(match_at(cup, "winners", 1))
    play(match_at(cup, "final", 1), (0, 2))
    assert match_at(cup, "final", 2).status == "ready"
    assert event_names(cup)[-3:] == ["match.completed", "round.drawn", "match.ready"]
    correct(match_at(cup, "final", 1), (2, 1))
    assert not cup.matches.filter(stage="final", round=2).exists()
    cup.refresh_from_db()
    [(place, champion), _] = placements(tournament=cup)
    assert (cup.status, place) == ("completed", 1)
    assert champion.pk == match_at(cup, "final", 1).entrant_a_id
    assert EventRecord.objects.filter(data__final=True).get().name == "match.corrected"


def test_the_grand_final_is_fixed_once_its_reset_has_a_report() -> None:
    cup = draws.draw("double_elimination", 2)
    play(match_at(cup, "winners", 1))
    play(match_at(cup, "final", 1), (0, 2))
    reset = match_at(cup, "final", 2)
    report(reset, "a", (2, 0))
    with pytest.raises(RoundIsOver):
        correct(match_at(cup, "final", 1), (2, 0))
    report(reset, "b", (2, 0))
    cup.refresh_from_db()
    assert cup.status == "completed"
