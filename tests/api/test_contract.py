"""The API as clients rely on it."""

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db

PATHS = {
    "/api/accounts/": {"post"},
    "/api/accounts/token": {"post"},
    "/api/accounts/me": {"get"},
    "/api/tournaments/": {"get", "post"},
    "/api/tournaments/{tournament_id}": {"get"},
    "/api/tournaments/{tournament_id}/open": {"post"},
    "/api/tournaments/{tournament_id}/registrations": {"post"},
    "/api/tournaments/{tournament_id}/start": {"post"},
    "/api/tournaments/{tournament_id}/cancel": {"post"},
    "/api/tournaments/{tournament_id}/matches": {"get"},
    "/api/tournaments/{tournament_id}/events": {"get"},
    "/api/matches/{match_id}": {"get"},
    "/api/matches/{match_id}/report": {"post"},
    "/api/matches/{match_id}/confirm": {"post"},
    "/api/payments/": {"post"},
    "/api/payments/{payment_id}": {"get"},
    "/api/wallet": {"get"},
}


def test_the_document_lists_every_operation(client: Client) -> None:
    document = client.get("/api/openapi.json").json()
    assert {path: set(operations) for path, operations in document["paths"].items()} == PATHS


def test_the_docs_page_is_served_with_assets_of_our_own(client: Client) -> None:
    page = client.get("/api/docs").content.decode()
    assert "https://" not in page
    for asset in ("ninja/swagger-ui.css", "ninja/swagger-ui-bundle.js"):
        assert f"/static/{asset}" in page
        assert finders.find(asset)


def test_an_account_and_its_token(client: Client) -> None:
    account = {"username": "new.player", "password": factories.PASSWORD}
    made = client.post("/api/accounts/", account, "application/json")
    assert made.status_code == 201
    token = client.post("/api/accounts/token", account, "application/json")
    assert token.status_code == 201
    assert set(token.json()) == {"token", "expires_at"}
    headers = {"authorization": f"Bearer {token.json()['token']}"}
    assert client.get("/api/accounts/me", headers=headers).json() == made.json()


def test_a_tournament_as_it_is_shown() -> None:
    organizer = factories.make_user("org")
    client = factories.client_of(organizer)
    wish = {
        "name": "Grand Cup",
        "game_title": "Dota 2",
        "format": "single_elimination",
        "capacity": 16,
        "entry_fee": 1000,
        "currency": "USD",
        "prize_coins": 500,
    }
    made = client.post("/api/tournaments/", wish, "application/json")
    assert made.status_code == 201
    shown = made.json()
    assert shown.pop("id") > 0
    assert shown.pop("created_at").endswith("Z")
    assert shown == wish | {
        "status": "draft",
        "organizer": {"id": organizer.pk, "username": "org"},
        "entrants": 0,
        "champion": None,
    }


def test_pages_are_stable_under_inserts(client: Client) -> None:
    organizer = factories.make_user()
    made = [factories.make_tournament(organizer, opened=False).pk for _ in range(5)]
    first = client.get("/api/tournaments/?limit=2").json()
    factories.make_tournament(organizer, opened=False)
    second = client.get(f"/api/tournaments/?limit=2&cursor={first['next']}").json()
    third = client.get(f"/api/tournaments/?limit=2&cursor={second['next']}").json()
    seen = [row["id"] for page in (first, second, third) for row in page["items"]]
    assert seen == made[::-1]
    assert third["next"] is None


def test_events_are_read_from_any_place(client: Client) -> None:
    tournament = factories.make_live(4)
    path = f"/api/tournaments/{tournament.pk}/events"
    everything = client.get(path).json()["items"]
    assert [event["seq"] for event in everything] == list(range(1, len(everything) + 1))
    assert set(everything[0]) == {"seq", "name", "data", "at"}
    page = client.get(f"{path}?since=2&limit=3").json()
    following = client.get(f"{path}?limit=3&cursor={page['next']}").json()
    assert page["items"] + following["items"] == everything[2:8]


def test_a_registration_says_what_is_due() -> None:
    tournament = factories.make_tournament(entry_fee=750, currency="GBP")
    player = factories.make_user("payer")
    client = factories.client_of(player)
    made = client.post(f"/api/tournaments/{tournament.pk}/registrations")
    assert made.status_code == 201
    registration = made.json()
    assert registration.pop("id") > 0
    assert registration == {
        "tournament_id": tournament.pk,
        "player": {"id": player.pk, "username": "payer"},
        "status": "pending_payment",
        "amount_due": 750,
        "currency": "GBP",
    }


def test_a_declined_payment_is_a_402(client: Client) -> None:
    registration = factories.register(factories.make_tournament(entry_fee=100))
    order = {"registration_id": registration.pk, "method": "PAYPAL", "token": "tok_declined"}
    answer = factories.client_of(registration.player).post(
        "/api/payments/", order, "application/json", headers={"idempotency-key": "k"}
    )
    assert answer.status_code == 402
    assert answer.json()["error"]["code"] == "card_declined"


def test_a_payment_is_its_payers_alone() -> None:
    registration = factories.register(factories.make_tournament(entry_fee=100))
    client = factories.client_of(registration.player)
    order = {"registration_id": registration.pk, "method": "STRIPE", "token": "tok_visa"}
    made = client.post("/api/payments/", order, "application/json", headers={"idempotency-key": "k"})
    path = f"/api/payments/{made.json()['id']}"
    assert client.get(path).json() == made.json()
    assert factories.client_of(factories.make_user()).get(path).status_code == 404


def test_a_wallet_begins_empty() -> None:
    assert factories.client_of(factories.make_user()).get("/api/wallet").json() == {"balance": 0}
