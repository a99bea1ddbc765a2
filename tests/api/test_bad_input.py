"""Whatever is wrong in what a client sends has its own clear answer, and changes nothing."""

from typing import Any

import pytest

from tests.api.refused import (
    ACCOUNTS,
    CARD,
    CUP,
    EVIDENCE,
    HUGE,
    PAST_BIGINT,
    PAYMENTS,
    REPORT,
    TOKEN,
    TOURNAMENTS,
    Case,
    assert_refused,
    post,
)
from tests.api.world import World


def account(**fields: Any) -> dict[str, Any]:
    return {"username": "newcomer", "password": "correct-horse-battery"} | fields


NAMES: tuple[Any, ...] = (
    1,
    None,
    True,
    [],
    {},
    "",
    "ab",
    "x" * 41,
    "a b",
    "a\x00b",
    "a/b",
    "<b>",
    "  ",
)
SIGN_UP = [post("nobody", ACCOUNTS, account(username=name), 422, "invalid") for name in NAMES] + [
    post("nobody", ACCOUNTS, account(password=12345678), 422, "invalid"),
    post("nobody", ACCOUNTS, account(password="short"), 422, "invalid"),
    post("nobody", ACCOUNTS, account(password="x" * 129), 422, "invalid"),
    post("nobody", ACCOUNTS, account(password="nul\x00nul\x00nul"), 422, "invalid"),
    post("nobody", ACCOUNTS, account(password="1234567890"), 422, "weak_password"),
    post("nobody", ACCOUNTS, account(is_staff=True), 422, "invalid"),
    post("nobody", ACCOUNTS, {"username": "newcomer"}, 422, "invalid"),
    post("nobody", ACCOUNTS, {}, 422, "invalid"),
    post("nobody", ACCOUNTS, account(username="alice"), 409, "username_taken"),
    post("nobody", ACCOUNTS, account(username="ALICE"), 409, "username_taken"),
    post("nobody", TOKEN, account(username="alice", password="wrong"), 401, "bad_credentials"),
    post("nobody", TOKEN, account(username="nobody"), 401, "bad_credentials"),
    post("nobody", TOKEN, account(username="gone"), 401, "bad_credentials"),
    post("nobody", TOKEN, account(username="a\x00"), 422, "invalid"),
    post("nobody", TOKEN, account(username="x" * 151), 422, "invalid"),
    post("nobody", TOKEN, account(password="x" * 129), 422, "invalid"),
    post("nobody", TOKEN, account(username=HUGE), 422, "invalid"),
]

NO_JSON = [
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

WRONG: tuple[dict[str, Any], ...] = (
    {"name": ""},
    {"name": "   "},
    {"name": "x" * 101},
    {"name": "a\x00b"},
    {"name": 7},
    {"name": None},
    {"game_title": "Chess"},
    {"game_title": "valorant"},
    {"game_title": ["VALORANT"]},
    {"format": "ladder"},
    {"format": None},
    {"capacity": 1},
    {"capacity": 0},
    {"capacity": -8},
    {"capacity": 1025},
    {"capacity": PAST_BIGINT},
    {"capacity": HUGE},
    {"capacity": 8.0},
    {"capacity": 8.5},
    {"capacity": "8"},
    {"capacity": True},
    {"capacity": None},
    {"entry_fee": -1},
    {"entry_fee": 0.5},
    {"entry_fee": "10"},
    {"entry_fee": PAST_BIGINT},
    {"entry_fee": HUGE},
    {"currency": "XXX"},
    {"currency": "eur"},
    {"currency": 978},
    {"prize_coins": -1},
    {"prize_coins": PAST_BIGINT},
    {"prize_coins": True},
    {"status": "live"},
    {"organizer": 1},
    {"id": 1},
    {"__proto__": {}},
)
CREATE = [post("alice", TOURNAMENTS, CUP | wrong, 422, "invalid") for wrong in WRONG] + [
    post("alice", TOURNAMENTS, {"name": "Cup"}, 422, "invalid")
]

NUMBERS = [
    Case("alice", method, path.format(number), body, status, code)
    for method, path, body, missing in (
        ("GET", "/api/tournaments/{}", None, "tournament_not_found"),
        ("GET", "/api/tournaments/{}/matches", None, "tournament_not_found"),
        ("GET", "/api/tournaments/{}/events", None, "tournament_not_found"),
        ("POST", "/api/tournaments/{}/open", None, "tournament_not_found"),
        ("POST", "/api/tournaments/{}/start", None, "tournament_not_found"),
        ("POST", "/api/tournaments/{}/cancel", None, "tournament_not_found"),
        ("POST", "/api/tournaments/{}/registrations", None, "tournament_not_found"),
        ("GET", "/api/matches/{}", None, "match_not_found"),
        ("POST", "/api/matches/{}/report", REPORT, "match_not_found"),
        ("POST", "/api/matches/{}/confirm", None, "match_not_found"),
        ("GET", "/api/matches/{}/dispute", None, "match_not_found"),
        ("POST", "/api/matches/{}/dispute", EVIDENCE, "match_not_found"),
        ("POST", "/api/matches/{}/decide", REPORT, "match_not_found"),
        ("POST", "/api/matches/{}/forfeit", {}, "match_not_found"),
        ("POST", "/api/matches/{}/correct", REPORT, "match_not_found"),
        ("GET", "/api/tournaments/{}/standings", None, "tournament_not_found"),
        ("GET", "/api/payments/{}", None, "payment_not_found"),
        ("DELETE", "/api/accounts/tokens/{}", None, "token_not_found"),
    )
    for number, status, code in (
        (10**9, 404, missing),
        (2**63 - 1, 404, missing),
        (PAST_BIGINT, 422, "invalid"),
        (HUGE, 422, "invalid"),
        ("9" * 5000, 422, "invalid"),
        (0, 422, "invalid"),
        (-1, 422, "invalid"),
        ("1.5", 422, "invalid"),
        ("cup", 422, "invalid"),
        ("%00", 422, "invalid"),
        ("%D9%A3x", 422, "invalid"),
    )
]

QUERIES = [
    Case("nobody", "GET", f"/api/tournaments/{query}", None, 422, "invalid")
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

MONEY = [
    post("alice", PAYMENTS, CARD | wrong, 422, "invalid", idempotency_key="fresh")
    for wrong in (
        {"registration_id": 0},
        {"registration_id": -1},
        {"registration_id": "1"},
        {"registration_id": 1.0},
        {"registration_id": True},
        {"registration_id": None},
        {"registration_id": PAST_BIGINT},
        {"registration_id": HUGE},
        {"method": "CASH"},
        {"method": "stripe"},
        {"method": None},
        {"token": ""},
        {"token": "x" * 256},
        {"token": "tok\x00visa"},
        {"token": 4242},
        {"amount": 1},
    )
] + [
    post("alice", PAYMENTS, CARD, 422, "invalid"),
    post("alice", PAYMENTS, CARD, 422, "invalid", idempotency_key=""),
    post("alice", PAYMENTS, CARD, 422, "invalid", idempotency_key="k" * 256),
    post("alice", PAYMENTS, CARD, 422, "invalid", idempotency_key="ключ"),
    post("alice", PAYMENTS, CARD, 422, "invalid", idempotency_key="a b"),
    post("alice", PAYMENTS, CARD, 422, "invalid", idempotency_key="a\x00b"),
    post("alice", PAYMENTS, CARD | {"registration_id": 2**63 - 1}, 404, "registration_not_found",
         idempotency_key="fresh"),
    Case("alice", "GET", "/api/payments/{payment}", None, 404, "payment_not_found"),
]  # fmt: skip

CASES = [*SIGN_UP, *NO_JSON, *CREATE, *NUMBERS, *QUERIES, *MONEY]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_refused_and_nothing_changed(world: World, case: Case) -> None:
    assert_refused(world, case)


def test_every_wrong_field_is_named_at_once(world: World) -> None:
    body = CUP | {"capacity": -1, "prize_coins": "many", "colour": "red"}
    fields = world.send("alice", "POST", TOURNAMENTS, body).json()["error"]["fields"]
    assert fields.keys() == {"capacity", "prize_coins", "colour"}


def test_a_missing_key_is_named_as_the_header_it_is(world: World) -> None:
    fields = world.send("alice", "POST", PAYMENTS, CARD).json()["error"]["fields"]
    assert [name.lower() for name in fields] == ["idempotency-key"]
