"""The HTTP API as its clients rely on it."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from apps.accounts.services import token_create
from tests import factories
from tests.api.world import World, everything_stored


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


PLAN = {
    "rules": "", "team_based": False, "best_of": 3, "third_place": False, "group_size": 4,
    "group_advance": 2, "swiss_rounds": 0, "seeding": "signup", "random_seed": "",
    "prize_split": [100], "registration_opens_at": None, "registration_closes_at": None,
    "starts_at": None, "check_in_minutes": 0, "round_minutes": 0, "no_show_minutes": 0,
}  # fmt: skip


def test_a_tournament_is_created_as_a_draft(world: World) -> None:
    before = everything_stored()
    body = {
        "name": "  Autumn Cup ", "game_title": "Dota 2", "format": "single_elimination",
        "capacity": 16, "entry_fee": 1250, "currency": "GBP", "prize_coins": 900,
    }  # fmt: skip
    answer = world.send("alice", "POST", "/api/tournaments/", body)
    created = answer.json()
    made = {key: created.pop(key) for key in ("id", "created_at", "version")}
    assert answer.status_code == 201
    assert created == body | PLAN | {
        "name": "Autumn Cup",
        "status": "draft",
        "entrants": 0,
        "champion": None,
        "organizer": {"id": world.people["alice"].pk, "username": "alice"},
    }
    shown = world.send("alice", "GET", f"/api/tournaments/{made['id']}")
    assert shown.json() == created | made
    assert everything_stored() != before


class TestTwoEditsOfOnePlan:
    DRAFT = "/api/tournaments/{draft}"

    def version(self, world: World) -> str:
        return str(world.send("organizer", "GET", self.DRAFT).json()["version"])

    def edit(self, world: World, **changes: Any) -> Any:
        return world.send("organizer", "PATCH", self.DRAFT, changes)

    def test_the_second_is_refused_and_told_what_to_do(self, world: World) -> None:
        both_read = self.version(world)
        first = self.edit(world, version=both_read, capacity=32)
        second = self.edit(world, version=both_read, rules="Be kind.")
        fault = second.json()["error"]
        assert (second.status_code, fault["code"]) == (409, "plan_has_changed")
        assert "Load it again" in fault["message"]
        again = self.edit(world, version=first.json()["version"], rules="Be kind.").json()
        assert (again["capacity"], again["rules"]) == (32, "Be kind.")

    def test_a_plan_that_was_opened_meanwhile_is_another(self, world: World) -> None:
        draft = self.version(world)
        world.send("organizer", "POST", f"{self.DRAFT}/open")
        assert self.edit(world, version=draft, rules="Be kind.").status_code == 409

    def test_who_signs_up_meanwhile_changes_no_plan(self, world: World) -> None:
        world.send("organizer", "POST", f"{self.DRAFT}/open")
        read = self.version(world)
        world.send("bob", "POST", f"{self.DRAFT}/registrations")
        assert self.edit(world, version=read, rules="Be kind.").status_code == 200

    def test_without_a_version_the_last_one_wins(self, world: World) -> None:
        self.edit(world, rules="Be kind.")
        assert self.edit(world, rules="Be quick.").json()["rules"] == "Be quick."

    @pytest.mark.parametrize("version", ["", 1, "x" * 65])
    def test_what_is_no_version_is_invalid(self, world: World, version: object) -> None:
        refused = self.edit(world, version=version, rules="Be kind.")
        assert refused.status_code == 422
        assert refused.json()["error"]["fields"].keys() == {"version"}


def test_the_organizer_opens_starts_and_cancels(world: World) -> None:
    def move(verb: str) -> tuple[int, str]:
        answer = world.send("organizer", "POST", f"/api/tournaments/{{draft}}/{verb}")
        return answer.status_code, answer.json().get("status")

    assert move("open") == (200, "registration_open")
    for player in ("alice", "bob"):
        world.send(player, "POST", "/api/tournaments/{draft}/registrations")
    assert move("start") == (200, "live")
    assert move("cancel") == (200, "cancelled")


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
        factories.make_tournament(world.people["carol"])
        page = world.send("nobody", "GET", f"{url}&cursor={page['next']}").json()
        seen += page["items"]
    assert [one["id"] for one in seen] == ids


def test_a_page_holds_twenty_unless_told(world: World) -> None:
    for _ in range(25):
        factories.make_tournament(world.people["carol"])
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
    "/api/accounts/password": {"post"},
    "/api/accounts/tokens": {"get"},
    "/api/accounts/tokens/{token_id}": {"delete"},
    "/api/tournaments/": {"get", "post"},
    "/api/games": {"get"},
    "/api/teams/": {"get", "post"},
    "/api/teams/{team_id}": {"get"},
    "/api/teams/{team_id}/captain": {"post"},
    "/api/teams/{team_id}/invitations": {"post"},
    "/api/teams/{team_id}/members/{user_id}": {"delete"},
    "/api/invitations/": {"get"},
    "/api/invitations/{invitation_id}/accept": {"post"},
    "/api/invitations/{invitation_id}/decline": {"post"},
    "/api/invitations/{invitation_id}/withdraw": {"post"},
    "/api/registrations/": {"get"},
    "/api/registrations/{registration_id}/check-in": {"post"},
    "/api/registrations/{registration_id}/withdraw": {"post"},
    "/api/tournaments/{tournament_id}/check-in": {"post"},
    "/api/tournaments/{tournament_id}/no-shows": {"post"},
    "/api/tournaments/{tournament_id}/seeds": {"put"},
    "/api/tournaments/{tournament_id}": {"get", "patch"},
    "/api/tournaments/{tournament_id}/open": {"post"},
    "/api/tournaments/{tournament_id}/start": {"post"},
    "/api/tournaments/{tournament_id}/cancel": {"post"},
    "/api/tournaments/{tournament_id}/registrations": {"get", "post"},
    "/api/tournaments/{tournament_id}/matches": {"get"},
    "/api/tournaments/{tournament_id}/standings": {"get"},
    "/api/tournaments/{tournament_id}/events": {"get"},
    "/api/matches/{match_id}": {"get"},
    "/api/matches/{match_id}/report": {"post"},
    "/api/matches/{match_id}/confirm": {"post"},
    "/api/matches/{match_id}/dispute": {"get", "post"},
    "/api/matches/{match_id}/decide": {"post"},
    "/api/matches/{match_id}/forfeit": {"post"},
    "/api/matches/{match_id}/correct": {"post"},
    "/api/payments/": {"get", "post"},
    "/api/payments/{payment_id}": {"get"},
    "/api/payments/{payment_id}/cancel": {"post"},
    "/api/wallet": {"get"},
    "/api/wallet/history": {"get"},
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
