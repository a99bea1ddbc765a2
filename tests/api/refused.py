"""What a client may get wrong: who asks for what, and the answer to it."""

from typing import Any, NamedTuple

from tests.api.world import World, everything_stored

HUGE = 10**30
PAST_BIGINT = 2**63
CUP = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
REPORT = {"score": [2, 1]}
EVIDENCE = {"evidence": "It was 2-0."}
LONG = {"evidence": "x" * 1001}
CARD = {"registration_id": 1, "method": "STRIPE", "token": "tok_visa"}


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


def assert_refused(world: World, case: Case) -> None:
    """With the answer that it should have, and nothing has changed."""
    before = everything_stored()
    answer = world.send(case.who, case.method, case.path, case.body, case.headers)
    found = answer.json()["error"]
    assert (answer.status_code, found["code"]) == (case.status, case.code)
    assert found["message"]
    assert found.keys() <= {"code", "message", "fields"}
    assert everything_stored() == before
