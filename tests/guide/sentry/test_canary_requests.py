"""A secret in every place of a request: in no envelope, no log line and no label."""

import pytest

from tests.guide.sentry.canary import BODIES, CANARY, HEADERS, Told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("name", HEADERS)
async def test_in_a_header(told: Told, name: str) -> None:
    for url in ("/fails", "/known", "/nowhere", "/api/wallet"):
        headers = {name.removeprefix("basic "): HEADERS[name]}
        await told.application.ask("GET", url, headers=headers)
        await told.application.ask("POST", url, headers=headers, content=b"{}")
    assert told.sent.transactions()
    await told.nothing_of_it()


@pytest.mark.parametrize(
    "url",
    [
        f"/fails?token={CANARY}&{CANARY}=1",
        f"/nowhere/{CANARY}",
        f"/{CANARY}",
        f"/api/tournaments/{CANARY}",
        f"/fails/{CANARY}.php",
    ],
)
async def test_in_the_url(told: Told, url: str) -> None:
    for method in ("GET", "POST", CANARY.upper()):
        await told.application.ask(method, url)
    assert told.sent.transactions()
    await told.nothing_of_it()


@pytest.mark.parametrize("kind", BODIES)
async def test_in_a_body(told: Told, kind: str) -> None:
    for url in ("/fails", "/api/accounts/token", "/api/payments", "/admin/login/"):
        await told.application.ask("POST", url, **BODIES[kind])
    assert told.sent.events()
    await told.nothing_of_it()
