"""Every invalid input has a specific error response, and changes nothing."""

from typing import Any

import pytest

from tests.api.cases import (
    CARD,
    CUP,
    EVIDENCE,
    HUGE,
    PAST_BIGINT,
    PAYMENTS,
    REPORT,
    TOURNAMENTS,
    Case,
    assert_error,
    post,
)
from tests.world import World

ACCOUNTS, TOKEN = "/api/accounts/", "/api/accounts/token"


def account(**fields: Any) -> dict[str, Any]:
    return {"username": "newcomer", "password": "correct-horse-battery"} | fields


NAMES: tuple[Any, ...] = (
    1, None, True, [], {}, "", "ab", "x" * 41, "a b", "a\x00b", "a/b", "<b>", "  ",
)  # fmt: skip
PASSWORDS = (12345678, "short", "x" * 129, "nul\x00nul\x00nul")
CREDENTIALS = (
    {"username": "a\x00"}, {"username": "x" * 151}, {"username": HUGE}, {"password": "x" * 129},
)  # fmt: skip
SIGN_UP = [
    *(post("anonymous", ACCOUNTS, account(username=name), 422, "invalid") for name in NAMES),
    *(post("anonymous", ACCOUNTS, account(password=each), 422, "invalid") for each in PASSWORDS),
    post("anonymous", ACCOUNTS, account(password="1234567890"), 422, "weak_password"),
    post("anonymous", ACCOUNTS, account(is_staff=True), 422, "invalid"),
    post("anonymous", ACCOUNTS, {"username": "newcomer"}, 422, "invalid"),
    post("anonymous", ACCOUNTS, {}, 422, "invalid"),
    post("anonymous", ACCOUNTS, account(username="alice"), 409, "username_taken"),
    post("anonymous", ACCOUNTS, account(username="ALICE"), 409, "username_taken"),
    post("anonymous", TOKEN, account(username="alice", password="wrong"), 401, "bad_credentials"),
    post("anonymous", TOKEN, account(username="unknown"), 401, "bad_credentials"),
    post("anonymous", TOKEN, account(username="gone"), 401, "bad_credentials"),
    *(post("anonymous", TOKEN, account(**fields), 422, "invalid") for fields in CREDENTIALS),
]

MALFORMED = [
    post("alice", TOURNAMENTS, body, status, code)
    for body, status, code in (
        (b"", 422, "invalid"),
        (b"{", 400, "malformed_json"),
        (b"name=Cup", 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b'{"name": "\xc3("}', 400, "malformed_json"),
        (b'{"capacity": ' + b"9" * 5000 + b"}", 400, "malformed_json"),
        (b"[" * 100_000, 400, "malformed_json"),
        (b"null", 422, "invalid"),
        (b"17", 422, "invalid"),
        (b'"Cup"', 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"[1, 2]", 422, "invalid"),
        (b'{"name":"Cup","game_title":"VALORANT","capacity":NaN}', 422, "invalid"),
        (b'{"name":"Cup","game_title":"VALORANT","capacity":Infinity}', 422, "invalid"),
        (b'{"name":"Cup","game_title":"VALORANT","capacity":1e400}', 422, "invalid"),
        (b'{"name":"\\ud800","game_title":"VALORANT","capacity":8}', 422, "invalid"),
        (b'{"name":"' + b"x" * 300_000 + b'"}', 413, "too_large"),
    )
]

INVALID_FIELDS: dict[str, tuple[Any, ...]] = {
    "name": ("", "   ", "x" * 101, "a\x00b", 7, None),
    "game_title": ("Chess", "valorant", ["VALORANT"]),
    "format": ("ladder", None),
    "capacity": (1, 0, -8, 1025, PAST_BIGINT, HUGE, 8.0, 8.5, "8", True, None),
    "entry_fee": (-1, 0.5, "10", PAST_BIGINT, HUGE),
    "currency": ("XXX", "eur", 978),
    "prize_coins": (-1, PAST_BIGINT, True),
    "status": ("live",),
    "organizer": (1,),
    "id": (1,),
    "__proto__": ({},),
}
CREATE = [
    post("alice", TOURNAMENTS, CUP | {field: value}, 422, "invalid")
    for field, values in INVALID_FIELDS.items()
    for value in values
] + [post("alice", TOURNAMENTS, {"name": "Cup"}, 422, "invalid")]

IDS = [
    Case("alice", method, f"/api/{name}/{pk}{suffix}", body, status, code)
    for name, noun, method, suffixes, body in (
        ("tournaments", "tournament", "GET", ("", "/matches", "/events", "/standings"), None),
        ("tournaments", "tournament", "POST", ("/open", "/start", "/cancel"), None),
        ("tournaments", "tournament", "POST", ("/registrations",), None),
        ("matches", "match", "GET", ("", "/dispute"), None),
        ("matches", "match", "POST", ("/confirm",), None),
        ("matches", "match", "POST", ("/report", "/decide", "/correct"), REPORT),
        ("matches", "match", "POST", ("/dispute",), EVIDENCE),
        ("matches", "match", "POST", ("/forfeit",), {}),
        ("payments", "payment", "GET", ("",), None),
        ("accounts/tokens", "token", "DELETE", ("",), None),
    )
    for suffix in suffixes
    for pk, status, code in (
        (2**63 - 1, 404, f"{noun}_not_found"),
        (PAST_BIGINT, 422, "invalid"),
        (-1, 422, "invalid"),
    )
] + [
    Case("alice", "GET", f"/api/tournaments/{pk}", None, 422, "invalid")
    for pk in (HUGE, "9" * 5000, 0, "1.5", "cup", "%00", "%D9%A3x")
]

QUERIES = [
    Case("anonymous", "GET", f"/api/tournaments/{query}", None, 422, "invalid")
    for query in (
        "?limit=0", "?limit=-1", "?limit=101", "?limit=ten", "?limit=1.5", f"?limit={HUGE}",
        "?cursor=0", "?cursor=-1", "?cursor=abc", f"?cursor={PAST_BIGINT}", "?cursor=%00",
        "?limit=", "?cursor=",
        "{open}/events?since=-1", "{open}/events?since=x", f"{{open}}/events?since={PAST_BIGINT}",
        "{open}/matches?limit=101", "{open}/matches?cursor=-1",
        "{open}/events?limit=501", "{open}/events?limit=0", "{open}/events?cursor=-1",
    )
]  # fmt: skip
QUERIES += [
    Case("alice", "GET", f"{path}{query}", None, 422, "invalid")
    for path in (PAYMENTS, "/api/wallet/history")
    for query in ("?limit=0", "?limit=101", "?limit=ten", "?cursor=0", f"?cursor={PAST_BIGINT}")
]

CARD_FIELDS: dict[str, tuple[Any, ...]] = {
    "registration_id": (0, -1, "1", 1.0, True, None, PAST_BIGINT, HUGE),
    "method": ("CASH", "stripe", None),
    "token": ("", "x" * 256, "tok\x00visa", 4242),
    "amount": (1,),
}
PAYMENT = [
    *(
        post("alice", PAYMENTS, CARD | {field: value}, 422, "invalid", idempotency_key="fresh")
        for field, values in CARD_FIELDS.items()
        for value in values
    ),
    post("alice", PAYMENTS, CARD, 422, "invalid"),
    *(
        post("alice", PAYMENTS, CARD, 422, "invalid", idempotency_key=key)
        for key in ("", "k" * 256, "ключ", "a b", "a\x00b")
    ),
    post("alice", PAYMENTS, CARD | {"registration_id": 2**63 - 1}, 404, "registration_not_found",
         idempotency_key="fresh"),
    Case("alice", "GET", "/api/payments/{payment}", None, 404, "payment_not_found"),
]  # fmt: skip

CASES = [*SIGN_UP, *MALFORMED, *CREATE, *IDS, *QUERIES, *PAYMENT]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_invalid_input_is_an_error_and_changes_nothing(world: World, case: Case) -> None:
    assert_error(world, case)


def test_all_invalid_fields_are_listed(world: World) -> None:
    body = CUP | {"capacity": -1, "prize_coins": "many", "color": "red"}
    fields = world.send("alice", "POST", TOURNAMENTS, body).json()["error"]["fields"]
    assert fields.keys() == {"capacity", "prize_coins", "color"}


def test_a_missing_header_is_listed_by_its_name(world: World) -> None:
    fields = world.send("alice", "POST", PAYMENTS, CARD).json()["error"]["fields"]
    assert [name.lower() for name in fields] == ["idempotency-key"]
