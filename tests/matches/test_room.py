"""The match room: who may do what in it, and when."""

import re
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.matches.models import Match
from apps.matches.services import match_dispute, match_report
from apps.tournaments.models import Tournament
from tests.factories import make_live, make_user, play
from tests.tournaments.pages import of, path, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def match() -> Match:
    """Of the first round of four."""
    found = make_live(4).matches.filter(round=1).select_related("tournament__organizer").first()
    assert found
    return found


def people(match: Match) -> dict[str, User]:
    assert match.entrant_a
    assert match.entrant_b
    return {
        "a": match.entrant_a.player,
        "b": match.entrant_b.player,
        "organizer": match.tournament.organizer,
        "staff": make_user(is_staff=True),
        "visitor": make_user(),
    }


def room(match: Match, user: User, **posted: Any) -> Any:
    client = Client()
    client.force_login(user)
    where = f"/matches/{match.pk}"
    return client.post(where, posted) if posted else client.get(where)


def offered(match: Match, user: User) -> set[str]:
    found = re.findall(r'name="do"\s+value="(\w+)"', room(match, user).content.decode())
    return set(found)


def reported(match: Match) -> None:
    match_report(match_id=match.pk, player=people(match)["a"], score=(2, 1))


def disputed(match: Match) -> None:
    reported(match)
    match_dispute(match_id=match.pk, player=people(match)["b"], evidence="It was ours.")


def completed(match: Match) -> None:
    play(match)


@pytest.mark.parametrize(
    ("happened", "may"),
    [
        (None, {"a": {"report", "forfeit"}, "b": {"report", "forfeit"},
                "organizer": {"decide", "forfeit_of"}, "staff": {"decide", "forfeit_of"}}),
        (reported, {"a": {"forfeit"}, "b": {"confirm", "counter", "dispute", "forfeit"},
                    "organizer": {"decide", "forfeit_of"}, "staff": {"decide", "forfeit_of"}}),
        (disputed, {"a": {"dispute", "forfeit"}, "b": {"forfeit"},
                    "organizer": {"decide", "forfeit_of"}, "staff": {"decide", "forfeit_of"}}),
        (completed, {"a": set(), "b": set(), "organizer": {"correct"}, "staff": {"correct"}}),
    ],
)  # fmt: skip
def test_each_is_offered_what_they_may_do_now(
    match: Match, happened: Any, may: dict[str, set[str]]
) -> None:
    if happened:
        happened(match)
    who = people(match)
    assert {name: offered(match, who[name]) for name in may} == may
    assert offered(match, who["visitor"]) == set()


@pytest.mark.parametrize(
    ("action", "who", "status"),
    [
        ({"do": "report", "score_a": 2, "score_b": 0}, "visitor", 403),
        ({"do": "confirm"}, "a", 403),
        ({"do": "confirm"}, "visitor", 403),
        ({"do": "decide", "score_a": 2, "score_b": 0}, "a", 403),
        ({"do": "correct", "score_a": 2, "score_b": 0}, "organizer", 409),
        ({"do": "forfeit"}, "visitor", 403),
        ({"do": "forfeit_of", "entrant_id": 999_999}, "organizer", 422),
        ({"do": "dispute", "evidence": " "}, "b", 422),
        ({"do": "dispute", "evidence": "x" * 1001}, "b", 422),
        ({"do": "counter", "score_a": 1, "score_b": 1}, "b", 422),
        ({"do": "counter", "score_a": -1, "score_b": 2}, "b", 422),
        ({"do": "counter", "score_a": "two", "score_b": 2}, "b", 422),
        ({"do": "counter", "score_a": 10**30, "score_b": 2}, "b", 422),
        ({"do": "win"}, "b", 400),
    ],
)
def test_what_is_not_theirs_or_not_possible_is_told_and_changes_nothing(
    match: Match, action: dict[str, Any], who: str, status: int
) -> None:
    reported(match)
    answer = room(match, people(match)[who], **action)
    assert answer.status_code == status
    assert Match.objects.values().get(pk=match.pk)["status"] == Match.Status.REPORTED
    if status != 400:
        assert 'data-kind="error"' in answer.content.decode() or "errorlist" in str(answer.content)


def test_a_score_that_cannot_be_is_refused_with_why(match: Match) -> None:
    answer = room(match, people(match)["a"], do="report", score_a=3, score_b=1)
    assert "The winner of a best of 3 has 2." in answer.content.decode()


def test_a_match_is_reported_and_confirmed(match: Match) -> None:
    who = people(match)
    room(match, who["a"], do="report", score_a=2, score_b=1)
    assert "Is that right?" in room(match, who["b"]).content.decode()
    room(match, who["b"], do="confirm")
    match.refresh_from_db()
    assert (match.score, match.winner) == ([2, 1], match.entrant_a)


def test_another_score_opens_a_dispute_that_the_organizer_decides(match: Match) -> None:
    who = people(match)
    reported(match)
    room(match, who["b"], do="counter", score_a=1, score_b=2, evidence="The last map was ours.")
    assert "The last map was ours." in room(match, who["organizer"]).content.decode()
    room(match, who["organizer"], do="decide", score_a=1, score_b=2, note="Seen on the stream.")
    assert "Seen on the stream." in room(match, who["a"]).content.decode()
    assert "Seen on the stream." not in room(match, who["visitor"]).content.decode()
    match.refresh_from_db()
    assert match.winner == match.entrant_b


def test_staff_decide_in_the_organizers_place(match: Match) -> None:
    who = people(match)
    disputed(match)
    assert "In the organizer's place" in room(match, who["staff"]).content.decode()
    assert room(match, who["staff"], do="decide", score_a=1, score_b=2).status_code == 302
    match.refresh_from_db()
    assert (match.winner, match.outcome) == (match.entrant_b, Match.Outcome.DECIDED)


@pytest.mark.parametrize(("who", "signed"), [("organizer", "The organizer"), ("staff", "Staff")])
def test_a_note_is_signed_by_who_decided(match: Match, who: str, signed: str) -> None:
    known = people(match)
    disputed(match)
    room(match, known[who], do="decide", score_a=1, score_b=2, note="Seen on the stream.")
    note = r'Seen on the stream.</span><span class="muted small">([^<]+)<'
    for reader in ("a", "b", "organizer", "staff"):
        assert re.findall(note, room(match, known[reader]).content.decode()) == [signed]


def test_where_the_organizer_plays_it_is_said_that_staff_decide(match: Match) -> None:
    who = people(match)
    disputed(match)
    assert "the organizer decides" in room(match, who["b"]).content.decode()
    Tournament.objects.filter(pk=match.tournament_id).update(organizer=who["a"])
    assert "staff decide" in room(match, who["b"]).content.decode()
    assert "decide" not in offered(match, who["a"])
    assert "staff decide, because you play in it" in text(
        of(who["a"]).get(path(match.tournament, "/desk"))
    )


def test_staff_decide_nothing_in_a_match_of_their_own(match: Match) -> None:
    who = people(match)
    disputed(match)
    User.objects.filter(pk=who["a"].pk).update(is_staff=True)
    assert "In the organizer's place" not in room(match, who["a"]).content.decode()
    assert room(match, who["a"], do="decide", score_a=2, score_b=0).status_code == 403


def test_evidence_is_for_the_two_sides_and_who_decides(match: Match) -> None:
    who = people(match)
    disputed(match)
    seen = {
        name: "It was ours." in room(match, user).content.decode() for name, user in who.items()
    }
    assert seen == {"a": True, "b": True, "organizer": True, "staff": True, "visitor": False}


def test_of_a_dispute_both_scores_are_read_by_the_two_sides_and_who_decides(match: Match) -> None:
    who = people(match)
    reported(match)
    room(match, who["b"], do="counter", score_a=0, score_b=2)
    assert match.entrant_a
    assert match.entrant_b
    names = match.entrant_a.name, match.entrant_b.name
    said = [f"{names[0]} {score} {names[1]}" for score in ("2–1", "0–2")]
    seen = {
        name: [words in room(match, user).content.decode() for words in said]
        for name, user in who.items()
    }
    both, none = [True, True], [False, False]
    assert seen == {"a": both, "b": both, "organizer": both, "staff": both, "visitor": none}


def test_the_organizer_forfeits_who_did_not_show_up(match: Match) -> None:
    room(match, people(match)["organizer"], do="forfeit_of", entrant_id=match.entrant_a_id)
    match.refresh_from_db()
    assert (match.winner, match.outcome) == (match.entrant_b, Match.Outcome.FORFEIT)


def test_a_result_is_put_right_until_it_has_consequences(match: Match) -> None:
    who = people(match)
    play(match, (2, 0))
    room(match, who["organizer"], do="correct", score_a=0, score_b=2)
    match.refresh_from_db()
    assert match.winner == match.entrant_b
