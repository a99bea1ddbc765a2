import re
from datetime import datetime
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests import factories
from tests.api.cases import CUP, TOURNAMENTS
from tests.api.paths import PATHS
from tests.world import World, everything_stored


def test_a_new_user_gets_a_token_and_is_identified_by_it(db: None) -> None:
    client, account = Client(), {"username": "Ada.L-1", "password": "correct-horse-battery"}
    created = client.post("/api/accounts/", account, "application/json")
    token = client.post("/api/accounts/token", account, "application/json")
    assert (created.status_code, token.status_code) == (201, 201)
    assert created.json().keys() == {"id", "username"}
    assert datetime.fromisoformat(token.json()["expires_at"]).tzinfo is not None
    bearer = {"authorization": f"Bearer {token.json()['token']}"}
    assert client.get("/api/accounts/me", headers=bearer).json() == created.json()


def test_only_the_digest_of_a_token_is_stored(db: None) -> None:
    secret = factories.bearer(factories.make_user())["authorization"].removeprefix("Bearer ")
    assert secret.startswith("dc_")
    assert secret.removeprefix("dc_") not in str(everything_stored())


PLAN = {
    "rules": "", "team_based": False, "best_of": 3, "third_place": False, "group_size": 4,
    "group_advance": 2, "swiss_rounds": 0, "seeding": "signup", "random_seed": "",
    "prize_split": [100], "registration_opens_at": None, "registration_closes_at": None,
    "starts_at": None, "check_in_minutes": 0, "round_minutes": 0, "no_show_minutes": 0,
}  # fmt: skip


def test_a_tournament_is_created_as_a_draft(world: World) -> None:
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


class TestConcurrentEdits:
    DRAFT = "/api/tournaments/{draft}"

    def version(self, world: World) -> str:
        return str(world.send("organizer", "GET", self.DRAFT).json()["version"])

    def edit(self, world: World, **changes: Any) -> Any:
        return world.send("organizer", "PATCH", self.DRAFT, changes)

    def test_the_second_edit_is_a_conflict(self, world: World) -> None:
        version = self.version(world)
        first = self.edit(world, version=version, capacity=32)
        second = self.edit(world, version=version, rules="Be kind.")
        error = second.json()["error"]
        assert (second.status_code, error["code"]) == (409, "plan_has_changed")
        assert "Reload" in error["message"]
        again = self.edit(world, version=first.json()["version"], rules="Be kind.").json()
        assert (again["capacity"], again["rules"]) == (32, "Be kind.")

    def test_opening_the_tournament_changes_its_version(self, world: World) -> None:
        before = self.version(world)
        world.send("organizer", "POST", f"{self.DRAFT}/open")
        assert self.edit(world, version=before, rules="Be kind.").status_code == 409

    def test_a_registration_does_not_change_the_version(self, world: World) -> None:
        world.send("organizer", "POST", f"{self.DRAFT}/open")
        read = self.version(world)
        world.send("bob", "POST", f"{self.DRAFT}/registrations")
        assert self.edit(world, version=read, rules="Be kind.").status_code == 200

    def test_without_a_version_the_last_one_wins(self, world: World) -> None:
        self.edit(world, rules="Be kind.")
        assert self.edit(world, rules="Be quick.").json()["rules"] == "Be quick."

    @pytest.mark.parametrize("version", ["", 1, "x" * 65])
    def test_a_malformed_version_is_invalid(self, world: World, version: object) -> None:
        answer = self.edit(world, version=version, rules="Be kind.")
        assert answer.status_code == 422
        assert answer.json()["error"]["fields"].keys() == {"version"}


def test_the_organizer_opens_starts_and_cancels(world: World) -> None:
    def post(action: str) -> tuple[int, str]:
        answer = world.send("organizer", "POST", f"/api/tournaments/{{draft}}/{action}")
        return answer.status_code, answer.json().get("status")

    assert post("open") == (200, "registration_open")
    for player in ("alice", "bob"):
        world.send(player, "POST", "/api/tournaments/{draft}/registrations")
    assert post("start") == (200, "live")
    assert post("cancel") == (200, "cancelled")


def test_events_are_listed_in_order_and_in_pages(world: World) -> None:
    whole = world.send("anonymous", "GET", "/api/tournaments/{halfway}/events?limit=500").json()
    items, url = [], "/api/tournaments/{halfway}/events?limit=4"
    page = world.send("anonymous", "GET", url).json()
    while page["next"]:
        items += page["items"]
        page = world.send("anonymous", "GET", f"{url}&cursor={page['next']}").json()
    items += page["items"]
    assert whole == {"items": items, "next": None}
    assert [item["seq"] for item in items] == list(range(1, len(items) + 1))
    assert [item["name"] for item in items][:2] == ["tournament.created", "tournament.opened"]
    assert all(item["data"]["tournament_id"] == world.ids["halfway"] for item in items)
    later = world.send("anonymous", "GET", "/api/tournaments/{halfway}/events?since=3").json()
    assert later["items"] == items[3:]


def test_the_list_is_newest_first_and_inserts_do_not_shift_pages(world: World) -> None:
    whole = world.send("anonymous", "GET", "/api/tournaments/?limit=100").json()["items"]
    ids = [item["id"] for item in whole]
    assert ids == sorted(ids, reverse=True)
    url = "/api/tournaments/?limit=3"
    page = world.send("anonymous", "GET", url).json()
    seen = page["items"]
    while page["next"]:
        factories.make_tournament(world.people["carol"])
        page = world.send("anonymous", "GET", f"{url}&cursor={page['next']}").json()
        seen += page["items"]
    assert [item["id"] for item in seen] == ids


def test_a_page_has_20_items_by_default(world: World) -> None:
    for _ in range(25):
        factories.make_tournament(world.people["carol"])
    page = world.send("anonymous", "GET", "/api/tournaments/").json()
    assert len(page["items"]) == 20
    assert page["next"] == str(page["items"][-1]["id"])


class TestSession:
    """Pages authenticate by session, with CSRF protection."""

    def client(self, world: World) -> tuple[Client, str]:
        client = Client(enforce_csrf_checks=True)
        client.get("/admin/login/")
        client.force_login(world.people["alice"])
        return client, client.cookies["csrftoken"].value

    def test_can_read(self, world: World) -> None:
        client, _ = self.client(world)
        assert client.get("/api/accounts/me").json()["username"] == "alice"

    def test_can_write_with_a_csrf_token(self, world: World) -> None:
        client, token = self.client(world)
        headers = {"x-csrftoken": token}
        answer = client.post(TOURNAMENTS, CUP, "application/json", headers=headers)
        assert answer.status_code == 201

    @pytest.mark.parametrize("headers", [{}, {"x-csrftoken": "x" * 32}, {"x-csrftoken": ""}])
    def test_a_write_needs_a_csrf_token(self, world: World, headers: dict[str, str]) -> None:
        client, _ = self.client(world)
        before = everything_stored()
        answer = client.post(TOURNAMENTS, CUP, "application/json", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
        assert everything_stored() == before

    def test_a_bad_token_takes_precedence(self, world: World) -> None:
        client, _ = self.client(world)
        answer = client.get("/api/accounts/me", headers={"authorization": "Bearer garbage"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_token")


def test_the_openapi_document_lists_every_path() -> None:
    document = Client().get("/api/openapi.json").json()
    assert {path: set(methods) for path, methods in document["paths"].items()} == PATHS


def test_the_documentation_page_loads_only_local_assets() -> None:
    page = Client().get("/api/docs")
    assert page.status_code == 200
    assets = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert assets
    assert all(asset.startswith("/static/") for asset in assets)
    assert all(finders.find(asset.removeprefix("/static/")) for asset in assets)
