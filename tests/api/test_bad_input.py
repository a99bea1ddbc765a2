"""Every bad input its own clear 4xx, in one shape, with nothing changed."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiToken
from apps.core.models import Stream
from apps.matches.models import Match
from tests import factories

pytestmark = pytest.mark.django_db

HUGE = 10**30
TOURNAMENT: dict[str, Any] = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
ORDER: dict[str, Any] = {"registration_id": 1, "method": "STRIPE", "token": "tok_visa"}


def state() -> dict[str, Any]:
    """How many rows of everything there are, and the head of every stream."""
    rows = {model.__name__: model._default_manager.count() for model in apps.get_models()}
    return rows | dict(Stream.objects.values_list("name", "seq"))


class Asked:
    """A client whose every request is to be refused."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def refused(
        self, method: str, path: str, body: Any = None, *, status: int, code: str, **headers: str
    ) -> dict[str, Any]:
        before = state()
        content = body if isinstance(body, (str, bytes)) else json.dumps(body)
        response = self.client.generic(
            method, path, content, content_type="application/json", headers=headers
        )
        assert response.status_code == status, response.content
        error: dict[str, Any] = response.json()["error"]
        assert error["code"] == code
        assert error["message"]
        assert state() == before
        return error


@pytest.fixture
def player() -> Any:
    return factories.make_user("player")


@pytest.fixture
def asked(player: Any) -> Asked:
    return Asked(factories.client_of(player))


@pytest.fixture
def live() -> Iterator[Match]:
    yield factories.make_live(4).matches.get(round=1, position=0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": 5}, "name"),
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": ["x"]}, "name"),
        ({"game_title": "Chess"}, "game_title"),
        ({"format": "ladder"}, "format"),
        ({"capacity": "8"}, "capacity"),
        ({"capacity": 8.5}, "capacity"),
        ({"capacity": True}, "capacity"),
        ({"capacity": 1}, "capacity"),
        ({"capacity": -8}, "capacity"),
        ({"capacity": 1025}, "capacity"),
        ({"capacity": HUGE}, "capacity"),
        ({"entry_fee": -1}, "entry_fee"),
        ({"entry_fee": HUGE}, "entry_fee"),
        ({"prize_coins": 2**63}, "prize_coins"),
        ({"currency": "XXX"}, "currency"),
        ({"status": "live"}, "status"),
        ({"organizer_id": 1}, "organizer_id"),
    ],
)
def test_a_tournament_that_is_not_acceptable(
    asked: Asked, change: dict[str, Any], field: str
) -> None:
    error = asked.refused(
        "POST", "/api/tournaments/", TOURNAMENT | change, status=422, code="invalid"
    )
    assert list(error["fields"]) == [field]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "malformed_json"),
        ("", 422, "invalid"),
        ('{"capacity": NaN}', 422, "invalid"),
        (b"\xff\xfe", 400, "malformed_json"),
        ("[]", 422, "invalid"),
        ('"x"', 422, "invalid"),
        ("null", 422, "invalid"),
        ("[" * 100_000, 400, "malformed_json"),
        ('{"capacity": ' + "9" * 5000 + "}", 400, "malformed_json"),
        ('{"name": "' + "x" * 300_000 + '"}', 413, "too_large"),
    ],
)
def test_a_body_that_is_no_tournament(asked: Asked, body: str, status: int, code: str) -> None:
    asked.refused("POST", "/api/tournaments/", body, status=status, code=code)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"username": "ab"}, 422, "invalid"),
        ({"username": "x" * 41}, 422, "invalid"),
        ({"username": "has space"}, 422, "invalid"),
        ({"username": "nul\x00name"}, 422, "invalid"),
        ({"username": "<script>"}, 422, "invalid"),
        ({"password": "short"}, 422, "invalid"),
        ({"password": "12345678"}, 422, "weak_password"),
        ({"password": "x" * 129}, 422, "invalid"),
        ({"is_superuser": True}, 422, "invalid"),
        ({"username": "PLAYER"}, 409, "username_taken"),
    ],
)
def test_an_account_that_is_not_acceptable(
    asked: Asked, change: dict[str, Any], status: int, code: str
) -> None:
    account = {"username": "somebody", "password": factories.PASSWORD} | change
    asked.client = Client()
    asked.refused("POST", "/api/accounts/", account, status=status, code=code)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("DELETE", "/api/tournaments/", 405, "method_not_allowed"),
        ("FOOBAR", "/api/tournaments/", 405, "method_not_allowed"),
        ("GET", "/api/matches/1/report", 405, "method_not_allowed"),
        ("GET", "/api/nothing", 404, "not_found"),
        ("GET", "/api/tournaments/999", 404, "tournament_not_found"),
        ("GET", "/api/tournaments/999/matches", 404, "tournament_not_found"),
        ("GET", "/api/tournaments/999/events", 404, "tournament_not_found"),
        ("GET", "/api/matches/999", 404, "match_not_found"),
        ("GET", "/api/payments/999", 404, "payment_not_found"),
        ("GET", f"/api/tournaments/{HUGE}", 422, "invalid"),
        ("GET", "/api/tournaments/-1", 422, "invalid"),
        ("GET", "/api/tournaments/0", 422, "invalid"),
        ("GET", "/api/tournaments/one", 422, "invalid"),
        ("GET", f"/api/matches/{2**63}", 422, "invalid"),
        ("GET", "/api/tournaments/?limit=0", 422, "invalid"),
        ("GET", "/api/tournaments/?limit=101", 422, "invalid"),
        ("GET", "/api/tournaments/?limit=x", 422, "invalid"),
        ("GET", "/api/tournaments/?cursor=x", 422, "invalid"),
        ("GET", f"/api/tournaments/?cursor={HUGE}", 422, "invalid"),
        ("GET", "/api/tournaments/999/events?since=-1", 422, "invalid"),
        ("GET", f"/api/tournaments/999/events?since={2**63}", 422, "invalid"),
        ("POST", "/api/tournaments/999/open", 404, "tournament_not_found"),
        ("POST", "/api/tournaments/999/registrations", 404, "tournament_not_found"),
    ],
)
def test_an_address_that_leads_nowhere(
    asked: Asked, method: str, path: str, status: int, code: str
) -> None:
    asked.refused(method, path, status=status, code=code)


def test_a_wrong_method_is_told_the_right_ones(asked: Asked) -> None:
    response = asked.client.delete("/api/tournaments/")
    assert sorted(response.headers["Allow"].split(", ")) == ["GET", "POST"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "unauthenticated"),
        ("", "bad_token"),
        ("Bearer", "bad_token"),
        ("Bearer nonsense", "bad_token"),
        ("Bearer \x00", "bad_token"),
        ("Bearer " + "x" * 5000, "bad_token"),
        ("Basic dXNlcjpwYXNz", "bad_token"),
    ],
)
@pytest.mark.parametrize("path", ["/api/tournaments/", "/api/payments/"])
def test_without_a_good_token_nothing_is_made(path: str, header: str | None, code: str) -> None:
    headers = {} if header is None else {"authorization": header}
    Asked(Client()).refused("POST", path, TOURNAMENT, status=401, code=code, **headers)


def test_an_expired_token_is_told_apart(asked: Asked) -> None:
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    asked.refused("POST", "/api/tournaments/", TOURNAMENT, status=401, code="expired_token")


def test_a_deactivated_user_is_out(asked: Asked, player: Any) -> None:
    player.is_active = False
    player.save()
    asked.refused("POST", "/api/tournaments/", TOURNAMENT, status=401, code="bad_token")


@pytest.mark.parametrize("password", ["wrong-password", "x\u00e9"])
def test_a_wrong_password_gets_no_token(player: Any, password: str) -> None:
    credentials = {"username": player.username, "password": password}
    Asked(Client()).refused(
        "POST", "/api/accounts/token", credentials, status=401, code="bad_credentials"
    )


def test_a_session_writes_only_with_its_csrf_token(player: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(player)
    Asked(client).refused("POST", "/api/tournaments/", TOURNAMENT, status=403, code="forbidden")
    client.get("/admin/login/")
    token = client.cookies["csrftoken"].value
    response = client.post(
        "/api/tournaments/", TOURNAMENT, "application/json", headers={"x-csrftoken": token}
    )
    assert response.status_code == 201


@pytest.mark.parametrize("verb", ["open", "start", "cancel"])
def test_anothers_tournament_is_not_mine_to_move(asked: Asked, verb: str) -> None:
    tournament = factories.make_tournament()
    path = f"/api/tournaments/{tournament.pk}/{verb}"
    asked.refused("POST", path, status=403, code="not_your_tournament")


def test_registering_where_it_cannot_be(asked: Asked, player: Any) -> None:
    full = factories.make_tournament(capacity=2)
    factories.register(full)
    factories.register(full)
    mine = factories.make_tournament()
    factories.register(mine, player)
    cases = [
        (full, "tournament_full"),
        (mine, "already_registered"),
        (factories.make_tournament(opened=False), "registration_closed"),
        (factories.make_live(2), "registration_closed"),
    ]
    for tournament, code in cases:
        path = f"/api/tournaments/{tournament.pk}/registrations"
        asked.refused("POST", path, status=409, code=code)


@pytest.mark.parametrize(
    ("change", "key", "field"),
    [
        ({}, None, "idempotency_key"),
        ({}, "", "idempotency_key"),
        ({}, "k" * 256, "idempotency_key"),
        ({}, "with space", "idempotency_key"),
        ({}, "kéy", "idempotency_key"),
        ({"method": "CASH"}, "k", "method"),
        ({"token": ""}, "k", "token"),
        ({"token": "x" * 256}, "k", "token"),
        ({"token": "a\x00"}, "k", "token"),
        ({"registration_id": HUGE}, "k", "registration_id"),
        ({"registration_id": "1"}, "k", "registration_id"),
        ({"amount": 1}, "k", "amount"),
    ],
)
def test_an_order_that_is_not_acceptable(
    asked: Asked, change: dict[str, Any], key: str | None, field: str
) -> None:
    headers = {} if key is None else {"idempotency-key": key}
    error = asked.refused(
        "POST", "/api/payments/", ORDER | change, status=422, code="invalid", **headers
    )
    assert list(error["fields"]) == [field]


def test_paying_what_cannot_be_paid(asked: Asked, player: Any) -> None:
    tournament = factories.make_tournament(entry_fee=100)
    mine = factories.register(tournament, player)
    anothers = factories.register(tournament)
    paid = {**ORDER, "registration_id": mine.pk}
    first = asked.client.post(
        "/api/payments/", paid, "application/json", headers={"idempotency-key": "one"}
    )
    assert first.status_code == 201
    again = asked.client.post(
        "/api/payments/", paid, "application/json", headers={"idempotency-key": "one"}
    )
    assert (again.status_code, again.json()) == (201, first.json())
    cases: list[tuple[dict[str, Any], str, int, str]] = [
        (paid, "two", 409, "already_paid"),
        ({**paid, "token": "tok_mastercard"}, "one", 422, "idempotency_key_reused"),
        ({**paid, "registration_id": anothers.pk}, "three", 404, "registration_not_found"),
        ({**paid, "registration_id": 10**9}, "four", 404, "registration_not_found"),
    ]
    for order, key, status, code in cases:
        headers = {"idempotency-key": key}
        asked.refused("POST", "/api/payments/", order, status=status, code=code, **headers)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "score"),
        ({"score": None}, "score"),
        ({"score": [2]}, "score"),
        ({"score": [2, 1, 0]}, "score"),
        ({"score": [2, -1]}, "score.1"),
        ({"score": ["2", 1]}, "score.0"),
        ({"score": [2.5, 1]}, "score.0"),
        ({"score": [HUGE, 1]}, "score.0"),
        ({"score": [2, 1], "winner": 5}, "winner"),
    ],
)
def test_a_score_that_is_none(live: Match, body: dict[str, Any], field: str) -> None:
    asked = Asked(factories.client_of(live.player_a))  # type: ignore[arg-type]
    path = f"/api/matches/{live.pk}/report"
    error = asked.refused("POST", path, body, status=422, code="invalid")
    assert list(error["fields"]) == [field]


def test_a_match_is_reported_by_its_players_and_confirmed_by_the_other(
    asked: Asked, live: Match
) -> None:
    assert live.player_a
    assert live.player_b
    reporter = Asked(factories.client_of(live.player_a))
    other = Asked(factories.client_of(live.player_b))
    report, confirm = f"/api/matches/{live.pk}/report", f"/api/matches/{live.pk}/confirm"
    score = {"score": [2, 1]}
    final = live.tournament.matches.get(round=2)

    asked.refused("POST", report, score, status=403, code="not_your_match")
    asked.refused("POST", f"/api/matches/{final.pk}/report", score, status=403, code="not_your_match")
    reporter.refused("POST", confirm, status=409, code="match_not_reported")
    reporter.refused("POST", report, {"score": [1, 1]}, status=422, code="score_is_draw")

    assert reporter.client.post(report, score, "application/json").status_code == 200
    other.refused("POST", report, score, status=409, code="match_already_reported")
    reporter.refused("POST", confirm, status=403, code="own_report")
    asked.refused("POST", confirm, status=403, code="not_your_match")

    assert other.client.post(confirm).json()["winner"]["id"] == live.player_a_id
    other.refused("POST", confirm, status=409, code="match_already_completed")
    reporter.refused("POST", report, score, status=409, code="match_already_completed")
    final_report = f"/api/matches/{final.pk}/report"
    reporter.refused("POST", final_report, score, status=409, code="match_not_ready")


def test_a_cancelled_tournament_is_not_played_on(live: Match) -> None:
    from apps.tournaments.services import tournament_cancel

    tournament_cancel(tournament_id=live.tournament_id, organizer=live.tournament.organizer)
    asked = Asked(factories.client_of(live.player_a))  # type: ignore[arg-type]
    path = f"/api/matches/{live.pk}/report"
    asked.refused("POST", path, {"score": [2, 1]}, status=409, code="tournament_not_live")
