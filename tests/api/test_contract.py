"""The HTTP API as its clients rely on it."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from apps.accounts.services import token_create
from apps.matches.models import Match
from tests import factories
from tests.api.world import World, everything_stored

CARD = {"method": "STRIPE", "token": "tok_visa"}


def test_somebody_signs_up_gets_a_token_and_is_known_by_it(db: None) -> None:
    client, who = Client(), {"username": "Ada.L-1", "password": "correct-horse-battery"}
    created = client.post("/api/accounts/", who, "application/json")
    token = client.post("/api/accounts/token", who, "application/json")
    assert (created.status_code, token.status_code) == (201, 201)
    assert created.json().keys() == {"id", "username"}
    assert datetime.fromisoformat(token.json()["expires_at"]).tzinfo is not None
    bearer = {"authorization": f"Bearer {token.json()['token']}"}
    assert client.get("/api/accounts/me", headers=bearer).json() == created.json()


def test_a_token_is_kept_as_a_digest_only(db: None) -> None:
    _, secret = token_create(username=factories.make_user().username, password=factories.PASSWORD)
    assert secret.startswith("dc_")
    assert secret.removeprefix("dc_") not in str(everything_stored())


def test_a_tournament_is_created_as_a_draft(world: World) -> None:
    before = everything_stored()
    body = {
        "name": "  Autumn Cup ", "game_title": "Dota 2", "format": "single_elimination",
        "capacity": 16, "entry_fee": 1250, "currency": "GBP", "prize_coins": 900,
    }  # fmt: skip
    answer = world.send("alice", "POST", "/api/tournaments/", body)
    created = answer.json()
    made = {key: created.pop(key) for key in ("id", "created_at")}
    assert answer.status_code == 201
    assert created == body | {
        "name": "Autumn Cup",
        "status": "draft",
        "entrants": 0,
        "champion": None,
        "organizer": {"id": world.people["alice"].pk, "username": "alice"},
    }
    shown = world.send("nobody", "GET", f"/api/tournaments/{made['id']}")
    assert shown.json() == created | made
    assert everything_stored() != before


def test_the_organizer_opens_starts_and_cancels(world: World) -> None:
    def move(verb: str) -> tuple[int, str]:
        answer = world.send("organizer", "POST", f"/api/tournaments/{{draft}}/{verb}")
        return answer.status_code, answer.json().get("status")

    assert move("open") == (200, "registration_open")
    for player in ("alice", "bob"):
        world.send(player, "POST", "/api/tournaments/{draft}/registrations")
    assert move("start") == (200, "live")
    assert move("cancel") == (200, "cancelled")


def test_a_free_seat_is_confirmed_at_once(world: World) -> None:
    answer = world.send("carol", "POST", "/api/tournaments/{open}/registrations")
    registration = answer.json()
    assert answer.status_code == 201
    assert registration.pop("id") > 0
    assert registration == {
        "tournament_id": world.ids["open"],
        "player": {"id": world.people["carol"].pk, "username": "carol"},
        "status": "confirmed",
        "amount_due": 0,
        "currency": "EUR",
    }
    assert world.send("nobody", "GET", "/api/tournaments/{open}").json()["entrants"] == 2


def test_a_seat_with_a_fee_waits_for_its_payment(world: World) -> None:
    registration = world.send("carol", "POST", "/api/tournaments/{paid}/registrations").json()
    assert (registration["status"], registration["amount_due"]) == ("pending_payment", 1000)
    body = CARD | {"registration_id": registration["id"]}
    answer = world.send("carol", "POST", "/api/payments/", body, {"idempotency-key": "k"})
    payment = answer.json()
    assert answer.status_code == 201
    assert (
        payment.items()
        >= {
            "registration_id": registration["id"],
            "amount": 1000,
            "currency": "EUR",
            "method": "STRIPE",
            "status": "succeeded",
        }.items()
    )
    assert world.send("carol", "GET", f"/api/payments/{payment['id']}").json() == payment
    assert world.send("nobody", "GET", "/api/tournaments/{paid}").json()["entrants"] == 2


def test_the_same_payment_sent_again_has_the_same_answer_and_changes_nothing(world: World) -> None:
    body = CARD | {"registration_id": world.ids["due"]}
    first = world.send("alice", "POST", "/api/payments/", body, {"idempotency-key": "again"})
    before = everything_stored()
    second = world.send("alice", "POST", "/api/payments/", body, {"idempotency-key": "again"})
    assert (second.status_code, second.json()) == (201, first.json())
    assert everything_stored() == before


def test_a_key_belongs_to_its_payer(world: World) -> None:
    body = CARD | {"registration_id": world.ids["due"]}
    answer = world.send("alice", "POST", "/api/payments/", body, {"idempotency-key": "used"})
    assert answer.status_code == 201


def test_a_declined_card_is_a_402_and_another_card_pays(world: World) -> None:
    body = {"registration_id": world.ids["due"], "method": "PAYPAL", "token": "tok_declined"}
    declined = world.send("alice", "POST", "/api/payments/", body, {"idempotency-key": "1"})
    again = world.send("alice", "POST", "/api/payments/", body, {"idempotency-key": "1"})
    paid = world.send("alice", "POST", "/api/payments/", body | CARD, {"idempotency-key": "2"})
    assert (declined.status_code, declined.json()["error"]["code"]) == (402, "card_declined")
    assert again.json() == declined.json()
    assert paid.status_code == 201


def test_a_match_is_reported_by_one_player_and_confirmed_by_the_other(world: World) -> None:
    reported = world.send("alice", "POST", "/api/matches/{ready}/report", {"score": [2, 1]})
    assert reported.status_code == 200
    assert reported.json()["status"] == "reported"
    assert reported.json()["winner"] is None
    assert reported.json()["reported_by"] == world.people["alice"].pk
    confirmed = world.send("erin", "POST", "/api/matches/{ready}/confirm")
    assert confirmed.status_code == 200
    alice, erin = ({"id": world.people[n].pk, "username": n} for n in ("alice", "erin"))
    assert confirmed.json() == {
        "id": world.ids["ready"],
        "tournament_id": world.ids["live"],
        "round": 1,
        "position": 0,
        "players": [alice, erin],
        "score": [2, 1],
        "status": "completed",
        "winner": alice,
        "reported_by": alice["id"],
    }
    assert world.send("nobody", "GET", "/api/matches/{ready}").json() == confirmed.json()
    final = world.send("nobody", "GET", "/api/tournaments/{live}/matches").json()["items"][-1]
    assert (final["status"], final["players"]) == ("pending", [alice, None])


@pytest.mark.usefixtures("tasks_in_process")
def test_the_champion_is_shown_and_has_the_coins(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    cup = factories.make_tournament(world.people["organizer"], capacity=2, prize_coins=70)
    for name in ("alice", "bob"):
        factories.register(cup, world.people[name])
    world.send("organizer", "POST", f"/api/tournaments/{cup.pk}/start")
    match = Match.objects.get(tournament=cup)
    world.send("alice", "POST", f"/api/matches/{match.pk}/report", {"score": [0, 2]})
    with django_capture_on_commit_callbacks(execute=True):
        world.send("bob", "POST", f"/api/matches/{match.pk}/confirm")
    shown = world.send("nobody", "GET", f"/api/tournaments/{cup.pk}").json()
    assert (shown["status"], shown["champion"]["username"]) == ("completed", "bob")
    balances = [world.send(name, "GET", "/api/wallet").json() for name in ("alice", "bob")]
    assert balances == [{"balance": 0}, {"balance": 70}]


def test_the_events_of_a_tournament_come_in_order_and_in_pages(world: World) -> None:
    whole = world.send("nobody", "GET", "/api/tournaments/{halfway}/events?limit=500").json()
    items, url = [], "/api/tournaments/{halfway}/events?limit=4"
    page = world.send("nobody", "GET", url).json()
    while page["next"]:
        items += page["items"]
        page = world.send("nobody", "GET", f"{url}&cursor={page['next']}").json()
    items += page["items"]
    assert whole == {"items": items, "next": None}
    assert [one["seq"] for one in items] == list(range(1, len(items) + 1))
    assert [one["name"] for one in items][:2] == ["tournament.created", "tournament.opened"]
    assert all(one["data"]["tournament_id"] == world.ids["halfway"] for one in items)
    later = world.send("nobody", "GET", "/api/tournaments/{halfway}/events?since=3").json()
    assert later["items"] == items[3:]


def test_the_list_is_newest_first_and_inserts_move_nothing(world: World) -> None:
    whole = world.send("nobody", "GET", "/api/tournaments/?limit=100").json()["items"]
    ids = [one["id"] for one in whole]
    assert ids == sorted(ids, reverse=True)
    url = "/api/tournaments/?limit=3"
    page = world.send("nobody", "GET", url).json()
    seen = page["items"]
    while page["next"]:
        factories.make_tournament(world.people["carol"], opened=False)
        page = world.send("nobody", "GET", f"{url}&cursor={page['next']}").json()
        seen += page["items"]
    assert [one["id"] for one in seen] == ids


def test_a_page_holds_twenty_unless_told(world: World) -> None:
    for _ in range(25):
        factories.make_tournament(world.people["carol"], opened=False)
    page = world.send("nobody", "GET", "/api/tournaments/").json()
    assert len(page["items"]) == 20
    assert page["next"] == str(page["items"][-1]["id"])


class TestSession:
    """Our own pages are signed in by session, and protected against other sites' forms."""

    CUP = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}  # noqa: RUF012

    def client(self, world: World) -> tuple[Client, str]:
        client = Client(enforce_csrf_checks=True)
        client.get("/admin/login/")
        client.force_login(world.people["alice"])
        return client, client.cookies["csrftoken"].value

    def test_reads(self, world: World) -> None:
        client, _ = self.client(world)
        assert client.get("/api/accounts/me").json()["username"] == "alice"

    def test_writes_with_the_csrf_token(self, world: World) -> None:
        client, token = self.client(world)
        answer = client.post(
            "/api/tournaments/", self.CUP, "application/json", headers={"x-csrftoken": token}
        )
        assert answer.status_code == 201

    @pytest.mark.parametrize("headers", [{}, {"x-csrftoken": "x" * 32}, {"x-csrftoken": ""}])
    def test_does_not_write_without(self, world: World, headers: dict[str, str]) -> None:
        client, _ = self.client(world)
        before = everything_stored()
        answer = client.post("/api/tournaments/", self.CUP, "application/json", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
        assert everything_stored() == before

    def test_does_not_make_up_for_a_bad_token(self, world: World) -> None:
        client, _ = self.client(world)
        answer = client.get("/api/accounts/me", headers={"authorization": "Bearer garbage"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_token")


PATHS = {
    "/api/accounts/": {"post"},
    "/api/accounts/token": {"post"},
    "/api/accounts/me": {"get"},
    "/api/tournaments/": {"get", "post"},
    "/api/tournaments/{tournament_id}": {"get"},
    "/api/tournaments/{tournament_id}/open": {"post"},
    "/api/tournaments/{tournament_id}/start": {"post"},
    "/api/tournaments/{tournament_id}/cancel": {"post"},
    "/api/tournaments/{tournament_id}/registrations": {"post"},
    "/api/tournaments/{tournament_id}/matches": {"get"},
    "/api/tournaments/{tournament_id}/events": {"get"},
    "/api/matches/{match_id}": {"get"},
    "/api/matches/{match_id}/report": {"post"},
    "/api/matches/{match_id}/confirm": {"post"},
    "/api/payments/": {"post"},
    "/api/payments/{payment_id}": {"get"},
    "/api/wallet": {"get"},
}


def test_the_openapi_document_lists_every_path() -> None:
    document = Client().get("/api/openapi.json").json()
    assert {path: set(methods) for path, methods in document["paths"].items()} == PATHS


def test_the_documentation_page_loads_nothing_from_elsewhere() -> None:
    page = Client().get("/api/docs")
    assert page.status_code == 200
    assets = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert assets
    assert all(asset.startswith("/static/") for asset in assets)
    assert all(finders.find(asset.removeprefix("/static/")) for asset in assets)
