"""Only the organizer and staff see a draft; for others it does not exist."""

import pytest
from django.test import Client

from apps.tournaments.models import Tournament
from apps.tournaments.services import tournament_cancel
from tests.factories import client_of, make_tournament, make_user, signed_in
from tests.tournaments.steps import by_organizer

pytestmark = pytest.mark.django_db
PAGES = ("/tournaments/{}", "/tournaments/{}/parts")
API = ("/api/tournaments/{}", *(f"/api/tournaments/{{}}/{part}" for part in
       ("registrations", "matches", "standings", "events")))  # fmt: skip


@pytest.fixture
def draft() -> Tournament:
    return make_tournament(opened=False, name="Draft")


def status_codes(client: Client, draft: Tournament, paths: tuple[str, ...]) -> set[int]:
    return {client.get(path.format(draft.pk)).status_code for path in paths}


def test_others_get_404_for_every_url(draft: Tournament) -> None:
    bad_token = Client(headers={"authorization": "Bearer garbage"})
    for visitor in (Client(), bad_token, signed_in(make_user()), client_of(make_user())):
        assert status_codes(visitor, draft, PAGES + API) == {404}


def test_the_organizer_and_staff_see_it(draft: Tournament) -> None:
    for user in (draft.organizer, make_user(is_staff=True)):
        assert status_codes(signed_in(user), draft, PAGES + API) == {200}
        assert status_codes(client_of(user), draft, API) == {200}


def test_only_the_organizer_has_the_desk_of_a_draft(draft: Tournament) -> None:
    users = (make_user(), make_user(is_staff=True), draft.organizer)
    desk = f"/tournaments/{draft.pk}/desk"
    assert [signed_in(user).get(desk).status_code for user in users] == [404, 403, 200]


def test_the_list_contains_the_users_own_drafts(draft: Tournament) -> None:
    make_tournament(name="Public")

    def listed(client: Client) -> list[str]:
        items = client.get("/api/tournaments/").json()["items"]
        return sorted(tournament["name"] for tournament in items)

    assert listed(Client()) == listed(client_of(make_user())) == ["Public"]
    for user in (draft.organizer, make_user(is_staff=True)):
        assert listed(client_of(user)) == ["Draft", "Public"]


def test_a_canceled_draft_stays_hidden(draft: Tournament) -> None:
    by_organizer(tournament_cancel, draft)
    assert status_codes(Client(), draft, PAGES + API) == {404}
    assert status_codes(signed_in(draft.organizer), draft, PAGES + API) == {200}
    assert Client().get("/api/tournaments/").json()["items"] == []
