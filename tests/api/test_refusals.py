"""Who may not, where nothing is and what is not the time for it: each has its own clear answer,
and changes nothing."""

import pytest

from tests.api.refused import (
    ACCOUNTS,
    CARD,
    CUP,
    EVIDENCE,
    HUGE,
    LONG,
    PAST_BIGINT,
    PAYMENTS,
    REPORT,
    TOKEN,
    TOURNAMENTS,
    Case,
    assert_refused,
    post,
)
from tests.api.world import World, everything_stored

WHO = [
    Case(who, method, path, body, 401, code)
    for method, path, body in (
        ("GET", "/api/accounts/me", None),
        ("GET", "/api/accounts/tokens", None),
        ("DELETE", "/api/accounts/tokens/1", None),
        ("POST", "/api/accounts/password", {"current": "x", "new": "another-horse"}),
        ("POST", TOURNAMENTS, CUP),
        ("POST", "/api/tournaments/{draft}/open", None),
        ("POST", "/api/tournaments/{open}/registrations", None),
        ("POST", "/api/matches/{ready}/report", REPORT),
        ("POST", "/api/matches/{reported}/confirm", None),
        ("GET", "/api/matches/{disputed}/dispute", None),
        ("POST", "/api/matches/{reported}/dispute", EVIDENCE),
        ("POST", "/api/matches/{disputed}/decide", REPORT),
        ("POST", "/api/matches/{ready}/forfeit", {}),
        ("POST", "/api/matches/{done}/correct", REPORT),
        ("POST", PAYMENTS, CARD),
        ("GET", PAYMENTS, None),
        ("GET", "/api/payments/{payment}", None),
        ("GET", "/api/wallet", None),
        ("GET", "/api/wallet/history", None),
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

METHODS = [
    Case("alice", method, path, None, 405, "method_not_allowed")
    for path, allowed in (
        (ACCOUNTS, {"POST"}),
        (TOKEN, {"POST"}),
        ("/api/accounts/me", {"GET"}),
        ("/api/accounts/tokens", {"GET"}),
        ("/api/accounts/tokens/1", {"DELETE"}),
        ("/api/accounts/password", {"POST"}),
        (TOURNAMENTS, {"GET", "POST"}),
        ("/api/tournaments/{open}", {"GET", "PATCH"}),
        ("/api/tournaments/{open}/open", {"POST"}),
        ("/api/tournaments/{open}/start", {"POST"}),
        ("/api/tournaments/{open}/cancel", {"POST"}),
        ("/api/tournaments/{open}/registrations", {"GET", "POST"}),
        ("/api/tournaments/{open}/matches", {"GET"}),
        ("/api/tournaments/{open}/events", {"GET"}),
        ("/api/matches/{ready}", {"GET"}),
        ("/api/matches/{ready}/report", {"POST"}),
        ("/api/matches/{ready}/confirm", {"POST"}),
        ("/api/matches/{disputed}/dispute", {"GET", "POST"}),
        ("/api/matches/{disputed}/decide", {"POST"}),
        ("/api/matches/{ready}/forfeit", {"POST"}),
        ("/api/matches/{done}/correct", {"POST"}),
        ("/api/tournaments/{open}/standings", {"GET"}),
        (PAYMENTS, {"GET", "POST"}),
        ("/api/payments/{payment}", {"GET"}),
        ("/api/wallet", {"GET"}),
        ("/api/wallet/history", {"GET"}),
        ("/api/webhooks/stripe", {"POST"}),
        ("/api/webhooks/paypal", {"POST"}),
    )
    for method in sorted({"GET", "POST", "PUT", "PATCH", "DELETE", "BREW"} - allowed)
]

NOWHERE = [
    Case("alice", method, path, None, 404, "not_found")
    for method in ("GET", "POST")
    for path in ("/api/", "/api/nothing", "/api/tournaments/1/nothing", "/api/wallet/x", "/api/%00")
]

STATES = [
    post("carol", "/api/tournaments/{draft}/registrations", None, 404, "tournament_not_found"),
    post("organizer", "/api/tournaments/{draft}/registrations", None, 409, "registration_closed"),
    post("carol", "/api/tournaments/{live}/registrations", None, 409, "registration_closed"),
    post("carol", "/api/tournaments/{cancelled}/registrations", None, 409, "registration_closed"),
    post("carol", "/api/tournaments/{completed}/registrations", None, 409, "registration_closed"),
    post("alice", "/api/tournaments/{open}/registrations", None, 409, "already_registered"),
    post("alice", "/api/tournaments/{full}/registrations", None, 409, "already_registered"),
    post("alice", "/api/tournaments/{paid}/registrations", None, 409, "already_registered"),
    post("alice", "/api/tournaments/{draft}/open", None, 404, "tournament_not_found"),
    post("alice", "/api/tournaments/{open}/check-in", None, 403, "not_your_tournament"),
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
    post("alice", "/api/matches/{ready}/report", {"score": [3, 1]}, 422, "score_not_possible"),
    post("alice", "/api/matches/{ready}/report", {"score": [1, 0]}, 422, "score_not_possible"),
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

CASES = [*WHO, *METHODS, *NOWHERE, *STATES, *RESULTS]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_refused_and_nothing_changed(world: World, case: Case) -> None:
    assert_refused(world, case)


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
