"""Whatever a client gets wrong has its own clear answer, and changes nothing."""

from typing import Any, NamedTuple

import pytest

from tests.api.world import World, everything_stored

HUGE = 10**30
PAST_BIGINT = 2**63
CUP = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
REPORT = {"score": [2, 1]}
CARD = {"registration_id": 1, "method": "STRIPE", "token": "tok_visa"}
KEY = {"idempotency-key": "fresh"}


class Case(NamedTuple):
    who: str
    method: str
    path: str
    body: Any
    status: int
    code: str
    headers: dict[str, str] = {}  # noqa: RUF012 never changed

    def __str__(self) -> str:
        return f"{self.method} {self.path} {str(self.body)[:60]} by {self.who}"


def post(who: str, path: str, body: Any, status: int, code: str, **headers: str) -> Case:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Case(who, "POST", path, body, status, code, named)


ACCOUNTS = "/api/accounts/"
TOKEN = "/api/accounts/token"
TOURNAMENTS = "/api/tournaments/"
PAYMENTS = "/api/payments/"


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
    {"format": "swiss"},
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

WHO = [
    Case(who, method, path, body, 401, code)
    for method, path, body in (
        ("GET", "/api/accounts/me", None),
        ("POST", TOURNAMENTS, CUP),
        ("POST", "/api/tournaments/{draft}/open", None),
        ("POST", "/api/tournaments/{open}/registrations", None),
        ("POST", "/api/matches/{ready}/report", REPORT),
        ("POST", "/api/matches/{reported}/confirm", None),
        ("POST", PAYMENTS, CARD),
        ("GET", "/api/payments/{payment}", None),
        ("GET", "/api/wallet", None),
    )
    for who, code in (
        ("nobody", "unauthenticated"),
        ("garbage", "bad_token"),
        ("nul", "bad_token"),
        ("empty", "bad_token"),
        ("basic", "bad_token"),
        ("foreign", "bad_token"),
        ("gone", "bad_token"),
        ("late", "expired_token"),
    )
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
        ("GET", "/api/payments/{}", None, "payment_not_found"),
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
        "{open}/events?limit=501", "{open}/events?limit=0", "{open}/events?cursor=-1",
    )
]  # fmt: skip

METHODS = [
    Case("alice", method, path, None, 405, "method_not_allowed")
    for path, allowed in (
        (ACCOUNTS, {"POST"}),
        (TOKEN, {"POST"}),
        ("/api/accounts/me", {"GET"}),
        (TOURNAMENTS, {"GET", "POST"}),
        ("/api/tournaments/{open}", {"GET"}),
        ("/api/tournaments/{open}/open", {"POST"}),
        ("/api/tournaments/{open}/start", {"POST"}),
        ("/api/tournaments/{open}/cancel", {"POST"}),
        ("/api/tournaments/{open}/registrations", {"POST"}),
        ("/api/tournaments/{open}/matches", {"GET"}),
        ("/api/tournaments/{open}/events", {"GET"}),
        ("/api/matches/{ready}", {"GET"}),
        ("/api/matches/{ready}/report", {"POST"}),
        ("/api/matches/{ready}/confirm", {"POST"}),
        (PAYMENTS, {"POST"}),
        ("/api/payments/{payment}", {"GET"}),
        ("/api/wallet", {"GET"}),
    )
    for method in sorted({"GET", "POST", "PUT", "PATCH", "DELETE", "BREW"} - allowed)
]

NOWHERE = [
    Case("alice", method, path, None, 404, "not_found")
    for method in ("GET", "POST")
    for path in ("/api/", "/api/nothing", "/api/tournaments/1/nothing", "/api/wallet/x", "/api/%00")
]

STATES = [
    post("carol", "/api/tournaments/{draft}/registrations", None, 409, "registration_closed"),
    post("carol", "/api/tournaments/{full}/registrations", None, 409, "tournament_full"),
    post("carol", "/api/tournaments/{live}/registrations", None, 409, "registration_closed"),
    post("carol", "/api/tournaments/{cancelled}/registrations", None, 409, "registration_closed"),
    post("carol", "/api/tournaments/{completed}/registrations", None, 409, "registration_closed"),
    post("alice", "/api/tournaments/{open}/registrations", None, 409, "already_registered"),
    post("alice", "/api/tournaments/{full}/registrations", None, 409, "already_registered"),
    post("alice", "/api/tournaments/{paid}/registrations", None, 409, "already_registered"),
    post("alice", "/api/tournaments/{draft}/open", None, 403, "not_your_tournament"),
    post("alice", "/api/tournaments/{open}/start", None, 403, "not_your_tournament"),
    post("alice", "/api/tournaments/{live}/cancel", None, 403, "not_your_tournament"),
    post("organizer", "/api/tournaments/{open}/open", None, 409, "wrong_state"),
    post("organizer", "/api/tournaments/{live}/open", None, 409, "wrong_state"),
    post("organizer", "/api/tournaments/{draft}/start", None, 409, "wrong_state"),
    post("organizer", "/api/tournaments/{live}/start", None, 409, "wrong_state"),
    post("organizer", "/api/tournaments/{cancelled}/start", None, 409, "wrong_state"),
    post("organizer", "/api/tournaments/{cancelled}/cancel", None, 409, "wrong_state"),
    post("organizer", "/api/tournaments/{completed}/cancel", None, 409, "wrong_state"),
    post("organizer", "/api/tournaments/{open}/start", None, 409, "too_few_entrants"),
    post("organizer", "/api/tournaments/{paid}/start", None, 409, "too_few_entrants"),
]

RESULTS = [
    post("alice", "/api/matches/{ready}/report", {"score": score}, 422, "invalid")
    for score in (
        None, [], [1], [1, 2, 3], "2-1", {"a": 2}, [2, -1], [2, 1000], [2, 1.0], [2, "1"],
        [2, True], [2, None], [2, HUGE], [2, PAST_BIGINT], [[2], [1]], 21,
    )
] + [
    post("alice", "/api/matches/{ready}/report", {"score": [1, 1]}, 422, "score_is_draw"),
    post("alice", "/api/matches/{ready}/report", {"score": [0, 0]}, 422, "score_is_draw"),
    post("alice", "/api/matches/{ready}/report", REPORT | {"winner": 1}, 422, "invalid"),
    post("alice", "/api/matches/{ready}/report", {}, 422, "invalid"),
    post("alice", "/api/matches/{ready}/report", b"[2, 1]", 422, "invalid"),
    post("alice", "/api/matches/{others}/report", REPORT, 403, "not_your_match"),
    post("carol", "/api/matches/{ready}/report", REPORT, 403, "not_your_match"),
    post("organizer", "/api/matches/{ready}/report", REPORT, 403, "not_your_match"),
    post("alice", "/api/matches/{pending}/report", REPORT, 409, "match_not_ready"),
    post("dave", "/api/matches/{reported}/report", REPORT, 409, "match_already_reported"),
    post("bob", "/api/matches/{reported}/report", REPORT, 409, "match_already_reported"),
    post("alice", "/api/matches/{done}/report", REPORT, 409, "match_already_completed"),
    post("alice", "/api/matches/{stopped_match}/report", REPORT, 409, "tournament_not_live"),
    post("alice", "/api/matches/{ready}/confirm", None, 409, "match_not_reported"),
    post("bob", "/api/matches/{reported}/confirm", None, 403, "own_report"),
    post("alice", "/api/matches/{reported}/confirm", None, 403, "not_your_match"),
    post("alice", "/api/matches/{pending}/confirm", None, 409, "match_not_ready"),
    post("erin", "/api/matches/{done}/confirm", None, 409, "match_already_completed"),
    post("erin", "/api/matches/{stopped_match}/confirm", None, 409, "tournament_not_live"),
]  # fmt: skip

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

CASES = [
    *SIGN_UP, *NO_JSON, *CREATE, *WHO, *NUMBERS, *QUERIES, *METHODS, *NOWHERE, *STATES, *RESULTS,
    *MONEY,
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_refused_and_nothing_changed(world: World, case: Case) -> None:
    before = everything_stored()
    answer = world.send(case.who, case.method, case.path, case.body, case.headers)
    found = answer.json()["error"]
    assert (answer.status_code, found["code"]) == (case.status, case.code)
    assert found["message"]
    assert found.keys() <= {"code", "message", "fields"}
    assert everything_stored() == before


@pytest.mark.parametrize(
    ("who", "registration", "key", "refused"),
    [
        ("bob", "settled", "another", (409, "already_paid")),
        ("bob", "due", "another", (404, "registration_not_found")),
        ("carol", "due", "another", (404, "registration_not_found")),
        ("bob", "due", "used", (422, "idempotency_key_reused")),
        ("alice", "void", "another", (409, "invoice_void")),
    ],
)
def test_a_payment_that_may_not_be_is_not_made(
    world: World, who: str, registration: str, key: str, refused: tuple[int, str]
) -> None:
    before = everything_stored()
    body = CARD | {"registration_id": world.ids[registration]}
    answer = world.send(who, "POST", PAYMENTS, body, {"idempotency-key": key})
    assert (answer.status_code, answer.json()["error"]["code"]) == refused
    assert everything_stored() == before


def test_a_method_that_is_not_taken_is_told_which_are(world: World) -> None:
    answer = world.send("nobody", "DELETE", TOURNAMENTS)
    assert answer.status_code == 405
    assert {name.strip() for name in answer["Allow"].split(",")} == {"GET", "POST"}


def test_every_wrong_field_is_named_at_once(world: World) -> None:
    body = CUP | {"capacity": -1, "prize_coins": "many", "colour": "red"}
    fields = world.send("alice", "POST", TOURNAMENTS, body).json()["error"]["fields"]
    assert fields.keys() == {"capacity", "prize_coins", "colour"}


def test_a_missing_key_is_named_as_the_header_it_is(world: World) -> None:
    fields = world.send("alice", "POST", PAYMENTS, CARD).json()["error"]["fields"]
    assert [name.lower() for name in fields] == ["idempotency-key"]
