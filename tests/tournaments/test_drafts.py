"""A draft is for its organizer and for staff: for everybody else there is none."""

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.tournaments.exceptions import NotYourTournament, TournamentNotFound
from apps.tournaments.models import Tournament
from apps.tournaments.services import (
    registration_create,
    tournament_cancel,
    tournament_edit,
    tournament_open,
)
from tests.factories import client_of, make_tournament, make_user

pytestmark = pytest.mark.django_db
PAGES = ("/tournaments/{}", "/tournaments/{}/parts")
OF_API = ("/api/tournaments/{}", *(f"/api/tournaments/{{}}/{part}" for part in
          ("registrations", "matches", "standings", "events")))  # fmt: skip


@pytest.fixture
def draft() -> Tournament:
    return make_tournament(opened=False, name="Still a secret")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def answers(client: Client, draft: Tournament, paths: tuple[str, ...]) -> set[int]:
    return {client.get(path.format(draft.pk)).status_code for path in paths}


def test_who_has_only_its_address_finds_none(draft: Tournament) -> None:
    garbage = Client(headers={"authorization": "Bearer garbage"})
    visitors = (Client(), garbage, signed_in(make_user()), client_of(make_user()))
    for visitor in visitors:
        assert answers(visitor, draft, PAGES + OF_API) == {404}


def test_its_organizer_and_staff_see_it(draft: Tournament) -> None:
    for user in (draft.organizer, make_user(is_staff=True)):
        assert answers(signed_in(user), draft, PAGES + OF_API) == {200}
        assert answers(client_of(user), draft, OF_API) == {200}


def test_the_desk_of_a_draft_is_not_found_by_others(draft: Tournament) -> None:
    users = (make_user(), make_user(is_staff=True), draft.organizer)
    desk = f"/tournaments/{draft.pk}/desk"
    assert [signed_in(user).get(desk).status_code for user in users] == [404, 403, 200]


def test_the_list_has_the_drafts_that_are_ones_own(draft: Tournament) -> None:
    make_tournament(name="For all")

    def listed(client: Client) -> list[str]:
        return sorted(one["name"] for one in client.get("/api/tournaments/").json()["items"])

    assert listed(Client()) == listed(client_of(make_user())) == ["For all"]
    for user in (draft.organizer, make_user(is_staff=True)):
        assert listed(client_of(user)) == ["For all", "Still a secret"]


def test_others_can_do_nothing_with_it(draft: Tournament) -> None:
    other, staff = make_user(), make_user(is_staff=True)
    with pytest.raises(TournamentNotFound):
        registration_create(tournament_id=draft.pk, player=other)
    with pytest.raises(TournamentNotFound):
        tournament_edit(tournament_id=draft.pk, organizer=other, name="Mine")
    with pytest.raises(NotYourTournament):
        tournament_edit(tournament_id=draft.pk, organizer=staff, name="Mine")


def test_once_it_is_open_everybody_finds_it(draft: Tournament) -> None:
    tournament_open(tournament_id=draft.pk, organizer=draft.organizer)
    assert answers(Client(), draft, PAGES + OF_API) == {200}


def test_one_that_is_called_off_before_it_opens_stays_a_secret(draft: Tournament) -> None:
    tournament_cancel(tournament_id=draft.pk, organizer=draft.organizer)
    assert answers(Client(), draft, PAGES + OF_API) == {404}
    assert answers(signed_in(draft.organizer), draft, PAGES + OF_API) == {200}
    assert Client().get("/api/tournaments/").json()["items"] == []
