from typing import Any

import pytest

from apps.accounts.models import User
from apps.teams.models import Invitation, Team
from tests.factories import join, make_team, make_user, signed_in

pytestmark = pytest.mark.django_db
NEW = {"do": "create", "name": "The Crows", "game_title": "Rocket League"}


def send(user: User, path: str, **form: Any) -> Any:
    client = signed_in(user)
    return client.post(path, form) if form else client.get(path)


def test_a_user_creates_a_team() -> None:
    captain = make_user()
    answer = send(captain, "/teams", **NEW)
    team = Team.objects.get()
    assert answer.headers["Location"] == f"/teams/{team.pk}"
    assert "The Crows" in send(captain, "/teams").content.decode()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": "the crows"}, 409),
        ({"name": "x"}, 422),
        ({"name": "x" * 41}, 422),
        ({"game_title": "Chess"}, 422),
        ({"do": "disband"}, 400),
    ],
)
def test_an_invalid_team_is_not_created(fields: dict[str, str], status: int) -> None:
    send(make_user(), "/teams", **NEW)
    assert send(make_user(), "/teams", **(NEW | fields)).status_code == status
    assert Team.objects.count() == 1


def test_an_invitation_can_be_accepted_once() -> None:
    team, mate = make_team(members=1), make_user("mate")
    page = f"/teams/{team.pk}"
    send(team.captain, page, do="invite", username="MATE")
    invitation = Invitation.objects.get()
    assert team.name in send(mate, "/teams").content.decode()
    send(mate, "/teams", do="accept", invitation_id=invitation.pk)
    assert set(team.members.all()) == {team.captain, mate}
    again = send(mate, "/teams", do="accept", invitation_id=invitation.pk)
    assert again.status_code == 409
    assert "no longer valid" in again.content.decode()


def test_an_invitation_can_be_canceled_or_declined() -> None:
    team, mate = make_team(members=1), make_user("mate")
    page = f"/teams/{team.pk}"
    for path, user, action in ((page, team.captain, "withdraw"), ("/teams", mate, "decline")):
        send(team.captain, page, do="invite", username="mate")
        invitation = Invitation.objects.latest("pk")
        assert send(user, path, do=action, invitation_id=invitation.pk).status_code == 302
    statuses = set(Invitation.objects.values_list("status", flat=True))
    assert statuses == {"withdrawn", "declined"}


def test_only_the_captain_can_invite_remove_and_hand_over() -> None:
    team, mate = make_team(members=1), make_user()
    join(team, mate)
    page = f"/teams/{team.pk}"
    answers = [
        send(mate, page, do="invite", username=make_user().username),
        send(mate, page, do="hand_over", user_id=mate.pk),
        send(mate, page, do="remove", user_id=team.captain.pk),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert "Only the team captain can do that." in answers[0].content.decode()


def test_the_captain_can_leave_after_handing_over() -> None:
    team, mate = make_team(members=1), make_user()
    join(team, mate)
    page = f"/teams/{team.pk}"
    assert send(team.captain, page, do="remove", user_id=team.captain.pk).status_code == 409
    send(team.captain, page, do="hand_over", user_id=mate.pk)
    send(team.captain, page, do="remove", user_id=team.captain.pk)
    assert list(team.members.all()) == [mate]


def test_an_unknown_player_cannot_be_invited() -> None:
    team = make_team(members=1)
    answer = send(team.captain, f"/teams/{team.pk}", do="invite", username="unknown-player")
    assert answer.status_code == 404
    assert "No player has that username" in answer.content.decode()
