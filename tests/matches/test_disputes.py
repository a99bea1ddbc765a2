import pytest

from apps.events.models import EventRecord
from apps.matches import exceptions as errors
from apps.matches.models import Dispute, Match
from apps.matches.selectors import dispute_get, disputes_open
from apps.matches.services import match_confirm, match_decide, match_dispute, match_forfeit
from apps.matches.tasks import disputes_count
from apps.tournaments.services import tournament_start
from tests import factories, samples
from tests.matches import draws
from tests.matches.draws import fresh, player, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def match() -> Match:
    """A semifinal, best of three."""
    return fresh(draws.draw("single_elimination", 4).matches.filter(round=1)[0])


def disputed(match: Match) -> Match:
    report(match, "a", (2, 0))
    return report(match, "b", (1, 2), evidence="I have a picture.")


def test_a_confirmation_counts_as_an_equal_report(match: Match) -> None:
    report(match, "b", (0, 2))
    match_confirm(match_id=match.pk, player=player(match, "a"))
    reports = match.reports.order_by("pk").values_list("entrant", "score_a", "score_b")
    assert list(reports) == [(match.entrant_b_id, 0, 2), (match.entrant_a_id, 0, 2)]


def test_different_reports_open_a_dispute_with_evidence_of_both_sides(match: Match) -> None:
    before = samples.value("match_disputes_total") or 0
    disputed(match)
    assert fresh(match).status == "disputed"
    event = EventRecord.objects.get(name="match.disputed").as_json()
    assert '"scores":[[2,0],[1,2]]' in event
    assert "picture" not in event  # the feed is public
    match_dispute(match_id=match.pk, player=player(match, "a"), evidence="  So have I. ")
    dispute = dispute_get(match_id=match.pk, user=match.tournament.organizer)
    assert [(statement.author, statement.text) for statement in dispute.evidence.all()] == [
        (player(match, "b"), "I have a picture."),
        (player(match, "a"), "So have I."),
    ]
    with pytest.raises(errors.EvidenceAlreadyGiven):
        match_dispute(match_id=match.pk, player=player(match, "a"), evidence="And a film.")
    assert samples.value("match_disputes_total") == before  # counted after the commit


@pytest.mark.parametrize("evidence", ["", "  \n", "x" * 1001])
def test_a_dispute_needs_evidence_within_the_limit(match: Match, evidence: str) -> None:
    report(match, "a", (2, 0))
    with pytest.raises(errors.EvidenceMissing):
        match_dispute(match_id=match.pk, player=player(match, "b"), evidence=evidence)
    assert fresh(match).status == "reported"
    assert not Dispute.objects.exists()


def test_an_organizer_who_plays_may_not_decide_the_match() -> None:
    tournament = factories.make_tournament(capacity=2)
    organizer = tournament.organizer
    for user in (organizer, factories.make_user()):
        factories.register(tournament, user)
    tournament_start(tournament_id=tournament.pk, organizer=organizer)
    match = tournament.matches.get()
    with pytest.raises(errors.NotTheOrganizer):
        match_decide(match_id=match.pk, organizer=organizer, score=(2, 0))


def test_a_forfeit_ends_the_dispute(match: Match) -> None:
    disputed(match)
    match_forfeit(match_id=match.pk, by=player(match, "a"))
    ended = fresh(match)
    assert (ended.outcome, ended.score, ended.winner_id) == ("forfeit", [0, 2], match.entrant_b_id)
    assert ended.dispute.resolved_by == player(match, "a")


def test_the_gauges_count_open_disputes_of_live_tournaments(match: Match) -> None:
    disputed(match)
    Dispute.objects.update(opened_at="2026-01-01T00:00Z")
    disputes_count()
    assert samples.value("match_disputes_open") == 1
    assert (samples.value("match_dispute_oldest_seconds") or 0) > 3600
    assert [dispute.match_id for dispute in disputes_open()] == [match.pk]
    match.tournament.status = "cancelled"
    match.tournament.save()
    disputes_count()
    assert samples.value("match_disputes_open") == 0
    assert samples.value("match_dispute_oldest_seconds") == 0


@pytest.mark.parametrize(
    ("best_of", "score"),
    [(3, (2, 2)), (3, (3, 0)), (3, (1, 0)), (5, (2, 1)), (7, (4, 4)), (1, (5, 5)), (1, (-1, 3)),
     (1, (1000, 3))],
)  # fmt: skip
def test_an_impossible_score_is_rejected(best_of: int, score: tuple[int, int]) -> None:
    [match] = draws.draw("single_elimination", 2, best_of=best_of).matches.all()
    with pytest.raises((errors.ScoreNotPossible, errors.ScoreIsDraw)):
        report(match, "a", score)
    assert fresh(match).status == "ready"


@pytest.mark.parametrize(
    ("best_of", "score"), [(3, (2, 1)), (5, (0, 3)), (7, (4, 3)), (1, (13, 11)), (1, (0, 999))]
)
def test_a_possible_score_is_accepted(best_of: int, score: tuple[int, int]) -> None:
    [match] = draws.draw("single_elimination", 2, best_of=best_of).matches.all()
    draws.play(match, score)
    assert fresh(match).score == list(score)
