"""Requests that fail: the sender, the request, and the expected status and error code."""

from typing import Any, NamedTuple

from tests.world import World, everything_stored

HUGE = 10**30
PAST_BIGINT = 2**63
CUP = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
REPORT = {"score": [2, 1]}
EVIDENCE = {"evidence": "It was 2-0."}
CARD = {"registration_id": 1, "method": "STRIPE", "token": "tok_visa"}
TOURNAMENTS = "/api/tournaments/"
PAYMENTS = "/api/payments/"


class Case(NamedTuple):
    user: str
    method: str
    path: str
    body: Any
    status: int
    code: str
    headers: dict[str, str] = {}  # noqa: RUF012 never changed

    def __str__(self) -> str:
        return f"{self.method} {self.path} {str(self.body)[:60]} by {self.user}"


def post(user: str, path: str, body: Any, status: int, code: str, **headers: str) -> Case:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Case(user, "POST", path, body, status, code, named)


def assert_error(world: World, case: Case) -> None:
    """The response is as expected, and the database is unchanged."""
    answer = world.send(case.user, case.method, case.path, case.body, case.headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (case.status, case.code)
    assert error["message"]
    assert error.keys() <= {"code", "message", "fields"}
    assert everything_stored() == world.stored
