"""The match room: the actions of each user, and their effects."""

import re
from typing import Any

import pytest

from apps.accounts.models import User
from apps.matches.models import Match
from apps.matches.services import match_dispute, match_report
from apps.tournaments.models import Tournament
from tests.factories import make_live, make_user, play, signed_in
from tests.tournaments.pages import path, text

pytestmark = pytest.mark.django_db
DECIDE = {"decide", "forfeit_of"}


@pytest.fixture
def match() -> Match:
    """A semifinal."""
    return make_live(4).matches.filter(round=1).select_related("tournament__organizer")[0]


@pytest.fixture
def users(match: Match) -> dict[str, User]:
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
    client, url = signed_in(user), f"/matches/{match.pk}"
    return client.post(url, posted) if posted else client.get(url)


def shown(match: Match, user: User) -> str:
    return str(room(match, user).content.decode())


def actions(match: Match, user: User) -> set[str]:
    return set(re.findall(r'name="do"\s+value="(\w+)"', shown(match, user)))


def reported(match: Match, users: dict[str, User]) -> None:
    match_report(match_id=match.pk, player=users["a"], score=(2, 1))


def disputed(match: Match, users: dict[str, User]) -> None:
    reported(match, users)
    match_dispute(match_id=match.pk, player=users["b"], evidence="It was ours.")


def completed(match: Match, users: dict[str, User]) -> None:
    play(match)


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (None, [{"report", "forfeit"}, {"report", "forfeit"}, DECIDE]),
        (reported, [{"forfeit"}, {"confirm", "counter", "dispute", "forfeit"}, DECIDE]),
        (disputed, [{"dispute", "forfeit"}, {"forfeit"}, DECIDE]),
        (completed, [set(), set(), {"correct"}]),
    ],
)
def test_each_user_sees_the_actions_that_are_possible(
    match: Match, users: dict[str, User], prepare: Any, expected: list[set[str]]
) -> None:
    if prepare:
        prepare(match, users)
    offered = [actions(match, user) for user in users.values()]
    assert offered == [*expected, expected[-1], set()]  # staff see what the organizer sees


@pytest.mark.parametrize(
    ("action", "name", "status"),
    [
        ({"do": "report", "score_a": 2, "score_b": 0}, "visitor", 403),
        ({"do": "correct", "score_a": 2, "score_b": 0}, "organizer", 409),
        ({"do": "forfeit_of", "entrant_id": 999_999}, "organizer", 422),
        ({"do": "dispute", "evidence": " "}, "b", 422),
        ({"do": "counter", "score_a": 1, "score_b": 1}, "b", 422),
        ({"do": "counter", "score_a": -1, "score_b": 2}, "b", 422),
        ({"do": "counter", "score_a": "two", "score_b": 2}, "b", 422),
        ({"do": "counter", "score_a": 10**30, "score_b": 2}, "b", 422),
        ({"do": "win"}, "b", 400),
    ],
)
def test_a_rejected_action_shows_an_error_and_changes_nothing(
    match: Match, users: dict[str, User], action: dict[str, Any], name: str, status: int
) -> None:
    reported(match, users)
    response = room(match, users[name], **action)
    assert response.status_code == status
    match.refresh_from_db()
    assert match.status == Match.Status.REPORTED
    if status != 400:
        assert re.search('data-kind="error"|errorlist', response.content.decode())


def test_an_impossible_score_is_explained(match: Match, users: dict[str, User]) -> None:
    response = room(match, users["a"], do="report", score_a=3, score_b=1)
    assert "In a best of 3 the winner must have 2 wins." in text(response)


@pytest.mark.parametrize(
    ("name", "tools", "signature"),
    [("organizer", "Organizer tools", "The organizer"), ("staff", "Staff tools", "Staff")],
)
def test_both_players_read_the_reason_of_a_decision_and_its_author(
    match: Match, users: dict[str, User], name: str, tools: str, signature: str
) -> None:
    disputed(match, users)
    assert tools in shown(match, users[name])
    User.objects.filter(pk=users["a"].pk).update(is_staff=True)
    assert tools not in shown(match, users["a"])  # no staff member decides their own match
    room(match, users[name], do="decide", score_a=1, score_b=2, note="Seen on the stream.")
    note = r'Seen on the stream.</span><span class="muted small">([^<]+)<'
    authors = {name: re.findall(note, shown(match, user)) for name, user in users.items()}
    assert authors == {key: [signature] for key in users} | {"visitor": []}
    match.refresh_from_db()
    assert (match.winner, match.outcome) == (match.entrant_b, Match.Outcome.DECIDED)


def test_staff_decide_if_the_organizer_plays(match: Match, users: dict[str, User]) -> None:
    disputed(match, users)
    assert "The organizer will decide" in shown(match, users["b"])
    Tournament.objects.filter(pk=match.tournament_id).update(organizer=users["a"])
    assert "Staff will decide" in shown(match, users["b"])
    assert "decide" not in actions(match, users["a"])
    desk = text(signed_in(users["a"]).get(path(match.tournament, "/desk")))
    assert re.search("staff decide, (as|because) you play in it", desk)


def test_evidence_and_reports_are_private(match: Match, users: dict[str, User]) -> None:
    reported(match, users)
    room(match, users["b"], do="counter", score_a=0, score_b=2, evidence="It was ours.")
    a, b = (entrant.name for entrant in match.entrants)
    texts = [f"{a} 2–1 {b}", f"{a} 0–2 {b}", "It was ours."]
    for name, user in users.items():
        page = shown(match, user)
        assert [text in page for text in texts] == [name != "visitor"] * 3


@pytest.mark.parametrize(
    ("prepare", "action", "message"),
    [
        (None, ("a", "report", (2, 1)), "Is it correct?"),
        (reported, ("b", "confirm", ()), "{a} won 2–1."),
        (reported, ("b", "counter", (1, 2)), "The result is disputed."),
        (disputed, ("staff", "decide", (0, 2)), "{b} won by organizer decision."),
        (None, ("a", "forfeit", ()), "{b} won by forfeit."),
        (completed, ("organizer", "correct", (0, 2)), "{b} won by organizer decision."),
    ],
)
def test_each_action_changes_the_match(
    match: Match, users: dict[str, User], prepare: Any, action: tuple[str, str, Any], message: str
) -> None:
    if prepare:
        prepare(match, users)
    name, do, score = action
    scores = zip(("score_a", "score_b"), score, strict=False)
    assert room(match, users[name], do=do, **dict(scores)).status_code == 302
    a, b = (entrant.name for entrant in match.entrants)
    assert message.format(a=a, b=b) in shown(match, users["b"])
