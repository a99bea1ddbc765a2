"""Missing permission, unknown path, wrong method and wrong state: each has a specific error
response, and changes nothing."""

import re

import pytest

from tests.api.cases import (
    CARD,
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
from tests.api.paths import PATHS
from tests.world import World, everything_stored

LONG = {"evidence": "x" * 1001}
PUBLIC = (
    "POST /api/accounts/",
    "POST /api/accounts/token",
    "GET /api/games",
    "GET /api/teams/",
    "GET /api/teams/1",
    "GET /api/tournaments/",
    "GET /api/tournaments/1",
    "GET /api/tournaments/1/registrations",
    "GET /api/tournaments/1/matches",
    "GET /api/tournaments/1/standings",
    "GET /api/tournaments/1/events",
    "GET /api/matches/1",
)
OPERATIONS = [
    (method.upper(), re.sub(r"{\w+}", "1", path))
    for path, methods in PATHS.items()
    for method in sorted(methods)
]
UNAUTHENTICATED = [
    Case("anonymous", method, path, {}, 401, "unauthenticated")
    for method, path in OPERATIONS
    if f"{method} {path}" not in PUBLIC
] + [
    Case(user, "GET", "/api/accounts/me", None, 401, code)
    for user, code in (
        ("anonymous", "unauthenticated"),
        ("garbage", "bad_token"),
        ("nul", "bad_token"),
        ("empty", "bad_token"),
        ("basic", "bad_token"),
        ("foreign", "bad_token"),
        ("gone", "bad_token"),
        ("late", "expired_token"),
    )
]
WEBHOOKS = {f"/api/webhooks/{provider}": {"post"} for provider in ("stripe", "paypal")}
METHODS = [
    Case("alice", method, re.sub(r"{\w+}", "1", path), None, 405, "method_not_allowed")
    for path, allowed in (PATHS | WEBHOOKS).items()
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "BREW")
    if method.lower() not in allowed
]
UNKNOWN_PATHS = [
    Case("alice", method, path, None, 404, "not_found")
    for method in ("GET", "POST")
    for path in ("/api/", "/api/nothing", "/api/tournaments/1/nothing", "/api/wallet/x", "/api/%00")
]

STATES = [
    post("carol", "/api/tournaments/{draft}/registrations", None, 404, "tournament_not_found"),
    post("organizer", "/api/tournaments/{draft}/registrations", None, 409, "registration_closed"),
    post("carol", "/api/tournaments/{live}/registrations", None, 409, "registration_closed"),
    post("alice", "/api/tournaments/{open}/registrations", None, 409, "already_registered"),
    post("alice", "/api/tournaments/{full}/registrations", None, 409, "already_registered"),
    post("alice", "/api/tournaments/{draft}/open", None, 404, "tournament_not_found"),
    Case("alice", "PATCH", "/api/tournaments/{draft}", {"rules": ""}, 404, "tournament_not_found"),
    post("alice", "/api/tournaments/{open}/check-in", None, 403, "not_your_tournament"),
    post("alice", "/api/tournaments/{open}/start", None, 403, "not_your_tournament"),
    post("alice", "/api/tournaments/{open}/no-shows", None, 403, "not_your_tournament"),
    post("alice", "/api/tournaments/{live}/cancel", None, 403, "not_your_tournament"),
    Case("alice", "PATCH", "/api/tournaments/{open}", {"rules": ""}, 403, "not_your_tournament"),
    post("organizer", "/api/tournaments/{open}/open", None, 409, "wrong_state"),
    post("organizer", "/api/tournaments/{draft}/start", None, 409, "wrong_state"),
    post("organizer", "/api/tournaments/{cancelled}/cancel", None, 409, "wrong_state"),
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
    post("alice", "/api/matches/{ready}/report", {"score": [3, 1]}, 422, "score_not_possible"),
    post("alice", "/api/matches/{ready}/report", REPORT | LONG, 422, "invalid"),
    post("alice", "/api/matches/{ready}/report", REPORT | {"winner": 1}, 422, "invalid"),
    post("alice", "/api/matches/{ready}/report", {}, 422, "invalid"),
    post("alice", "/api/matches/{ready}/report", b"[2, 1]", 422, "invalid"),
    post("alice", "/api/matches/{others}/report", REPORT, 403, "not_your_match"),
    post("carol", "/api/matches/{ready}/report", REPORT, 403, "not_your_match"),
    post("organizer", "/api/matches/{ready}/report", REPORT, 403, "not_your_match"),
    post("alice", "/api/matches/{pending}/report", REPORT, 409, "match_not_ready"),
    post("bob", "/api/matches/{reported}/report", REPORT, 409, "match_already_reported"),
    post("alice", "/api/matches/{done}/report", REPORT, 409, "match_already_completed"),
    post("alice", "/api/matches/{stopped_match}/report", REPORT, 409, "tournament_not_live"),
    post("alice", "/api/matches/{ready}/confirm", None, 409, "match_not_reported"),
    post("bob", "/api/matches/{reported}/confirm", None, 403, "own_report"),
    post("alice", "/api/matches/{reported}/confirm", None, 403, "not_your_match"),
    post("alice", "/api/matches/{pending}/confirm", None, 409, "match_not_ready"),
    post("erin", "/api/matches/{done}/confirm", None, 409, "match_already_completed"),
    post("erin", "/api/matches/{stopped_match}/confirm", None, 409, "tournament_not_live"),
    post("erin", "/api/matches/{disputed}/confirm", None, 409, "match_is_disputed"),
    post("erin", "/api/matches/{disputed}/report", REPORT, 409, "match_is_disputed"),
    post("alice", "/api/matches/{ready}/dispute", EVIDENCE, 409, "match_not_reported"),
    post("bob", "/api/matches/{reported}/dispute", EVIDENCE, 403, "own_report"),
    post("carol", "/api/matches/{reported}/dispute", EVIDENCE, 403, "not_your_match"),
    post("dave", "/api/matches/{reported}/dispute", LONG, 422, "invalid"),
    post("dave", "/api/matches/{reported}/dispute", {"evidence": "  "}, 422, "invalid"),
    post("dave", "/api/matches/{reported}/dispute", {"evidence": "\x00"}, 422, "invalid"),
    post("dave", "/api/matches/{reported}/dispute", {"evidence": 5}, 422, "invalid"),
    post("dave", "/api/matches/{reported}/dispute", {}, 422, "invalid"),
    Case("carol", "GET", "/api/matches/{disputed}/dispute", None, 403, "not_your_match"),
    Case("organizer", "GET", "/api/matches/{ready}/dispute", None, 404, "dispute_not_found"),
    post("alice", "/api/matches/{disputed}/decide", REPORT, 403, "not_the_organizer"),
    post("organizer", "/api/matches/{disputed}/decide", {"score": [1, 1]}, 422, "score_is_draw"),
    post("organizer", "/api/matches/{pending}/decide", REPORT, 409, "match_not_ready"),
    post("organizer", "/api/matches/{done}/decide", REPORT, 409, "match_already_completed"),
    post("organizer", "/api/matches/{stopped_match}/decide", REPORT, 409, "tournament_not_live"),
    post("organizer", "/api/matches/{disputed}/decide", REPORT | {"note": LONG["evidence"]}, 422,
         "invalid"),
    post("carol", "/api/matches/{ready}/forfeit", {}, 403, "not_your_match"),
    post("organizer", "/api/matches/{ready}/forfeit", {}, 403, "not_your_match"),
    post("organizer", "/api/matches/{ready}/forfeit", {"entrant_id": 10**9}, 422,
         "entrant_not_in_match"),
    post("alice", "/api/matches/{ready}/forfeit", {"entrant_id": 10**9}, 403, "not_the_organizer"),
    post("alice", "/api/matches/{ready}/forfeit", {"entrant_id": 0}, 422, "invalid"),
    post("alice", "/api/matches/{ready}/forfeit", {"entrant_id": "1"}, 422, "invalid"),
    post("alice", "/api/matches/{pending}/forfeit", {}, 409, "match_not_ready"),
    post("alice", "/api/matches/{done}/forfeit", {}, 409, "match_already_completed"),
    post("alice", "/api/matches/{done}/correct", REPORT, 403, "not_the_organizer"),
    post("organizer", "/api/matches/{ready}/correct", REPORT, 409, "match_not_completed"),
    post("organizer", "/api/matches/{done}/correct", {"score": [9, 9]}, 422, "score_is_draw"),
]  # fmt: skip

CASES = [*STATES, *RESULTS]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_error_changes_nothing(world: World, case: Case) -> None:
    assert_error(world, case)


@pytest.mark.parametrize(
    "cases", [UNAUTHENTICATED, METHODS, UNKNOWN_PATHS], ids=["401", "405", "404"]
)
def test_requests_that_reach_no_view_change_nothing(world: World, cases: list[Case]) -> None:
    for case in cases:
        answer = world.send(case.user, case.method, case.path, case.body)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (case.status, case.code), case
        assert error["message"]
    assert everything_stored() == world.stored


@pytest.mark.parametrize(
    ("user", "registration", "key", "error"),
    [
        ("bob", "settled", "another", (409, "already_paid")),
        ("bob", "due", "another", (404, "registration_not_found")),
        ("carol", "due", "another", (404, "registration_not_found")),
        ("bob", "due", "used", (422, "idempotency_key_reused")),
        ("alice", "void", "another", (409, "invoice_void")),
    ],
)
def test_an_impossible_payment_changes_nothing(
    world: World, user: str, registration: str, key: str, error: tuple[int, str]
) -> None:
    body = CARD | {"registration_id": world.ids[registration]}
    answer = world.send(user, "POST", PAYMENTS, body, {"idempotency-key": key})
    assert (answer.status_code, answer.json()["error"]["code"]) == error
    assert everything_stored() == world.stored


def test_a_405_lists_the_allowed_methods(world: World) -> None:
    answer = world.send("anonymous", "DELETE", TOURNAMENTS)
    assert answer.status_code == 405
    assert {name.strip() for name in answer["Allow"].split(",")} == {"GET", "POST"}
