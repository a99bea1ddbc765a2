"""A secret in every place of a request: in no envelope, no log line and no label."""

import pytest

from tests.guide.sentry.canary import BODIES, CANARY, HEADERS, Observed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("name", HEADERS)
async def test_in_a_header(observed: Observed, name: str) -> None:
    for url in ("/fails", "/known", "/nowhere", "/api/wallet"):
        headers = {name.removeprefix("basic "): HEADERS[name]}
        await observed.application.ask("GET", url, headers=headers)
        await observed.application.ask("POST", url, headers=headers, content=b"{}")
    assert observed.sent.transactions()
    await observed.assert_no_canary()


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
async def test_in_the_url(observed: Observed, url: str) -> None:
    for method in ("GET", "POST", CANARY.upper()):
        await observed.application.ask(method, url)
    assert observed.sent.transactions()
    await observed.assert_no_canary()


@pytest.mark.parametrize("kind", BODIES)
async def test_in_a_body(observed: Observed, kind: str) -> None:
    for url in ("/fails", "/api/accounts/token", "/api/payments", "/admin/login/"):
        await observed.application.ask("POST", url, **BODIES[kind])
    assert observed.sent.events()
    await observed.assert_no_canary()
