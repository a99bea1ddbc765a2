"""A secret in every place of a request: in no envelope, no log line and no label."""

import pytest

from tests.guide.sentry.canary import BASIC, BODIES, CANARY, HEADERS, PHRASE, Told, around

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


@pytest.mark.parametrize("kind", [*BODIES, "header", "query", "path"])
async def test_in_what_an_exception_says(told: Told, kind: str) -> None:
    """Locals, source of frames, breadcrumbs and the message itself: the view repeats all it was
    sent in each. Log lines have the message, as Sentry does where it is not the client's."""
    asked = {
        "header": {"headers": {"authorization": f"Basic {BASIC}", "x-note": CANARY}},
        "query": {"params": {"q": PHRASE}},
    }
    url = f"/repeats/{CANARY}" if kind == "path" else "/repeats/it"
    await told.application.ask("POST", url, **(asked | BODIES).get(kind, {}))
    [event] = told.sent.events()
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert "[Filtered]" in event["exception"]["values"][-1]["value"]
    assert [one for one in event["breadcrumbs"]["values"] if one["category"] == "repeated"]
    assert CANARY not in told.sent.text(), around(told.sent.text())
    assert "ümlauts" not in told.sent.text()
