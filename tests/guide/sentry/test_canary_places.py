"""A secret that the code repeats as a name, in capitals, in another encoding, or a short one."""

from typing import Any

import pytest
import sentry_sdk

from apps.core.logging import redaction
from tests.guide.sentry.application import Application
from tests.guide.sentry.canary import CANARY
from tests.sentry_capture import Kept

pytestmark = pytest.mark.django_db(transaction=True)
LATIN = "pässwörd-ß-é"


async def told_of(application: Application, sent: Kept, **request: Any) -> tuple[Any, str]:
    await application.ask("POST", "/places", **request)
    [event] = sent.events()
    return event, sent.text().casefold()


async def test_no_place_has_it_as_a_name_or_as_a_value(
    application: Application, sent_to_sentry: Kept
) -> None:
    event, text = await told_of(application, sent_to_sentry, content=CANARY)
    assert event["exception"]["values"][-1]["type"] == "[Filtered]"
    assert event["contexts"]["[Filtered]"] == {"[Filtered]": "[Filtered]", "deep": [
        {"[Filtered]": "[Filtered]"}]}  # fmt: skip
    assert event["tags"]["tag-[Filtered]"] == "[Filtered]"
    assert CANARY not in text


async def test_no_span_has_it_and_sql_stays_what_it_is(
    application: Application, sent_to_sentry: Kept
) -> None:
    """Though the client sends the names of a table and of a function."""
    names = {"x-names": "games_game close_old_connections"}
    await application.ask("POST", "/places", content=CANARY, headers=names)
    [transaction] = sent_to_sentry.transactions()
    described = [span["description"] for span in transaction["spans"]]
    assert described.count("GET https://books.example/[Filtered]?of=[Filtered]") == 2
    assert "GET https://books.example/[Filtered]" in described
    assert any(
        "SELECT '[Filtered]', title FROM games_game WHERE title = " in one for one in described
    )
    assert "django.db.close_old_connections" in described
    assert CANARY not in sent_to_sentry.text()


async def test_what_the_sdk_and_the_context_write_stays(
    application: Application, sent_to_sentry: Kept
) -> None:
    """Also where the client knows it, as it does the ids that it may choose."""
    trace, name = "0af7651916cd43dd8448eb211c80319c", "ZeroDivisionError"
    headers = {
        "x-request-id": "the-request-id",
        "traceparent": f"00-{trace}-b7ad6b7169203331-01",
        "x-names": f"{name} CPython status_code",
    }
    await application.ask("GET", "/fails/17/12345678", headers=headers)
    [event] = sent_to_sentry.events()
    assert event["exception"]["values"][-1]["type"] == name
    assert event["contexts"]["trace"]["trace_id"] == trace
    assert event["contexts"]["runtime"]["name"] == "CPython"
    assert event["tags"].items() >= {
        "request_id": "the-request-id",
        "tournament_id": "17",
        "match_id": "12345678",
    }.items()  # fmt: skip


@pytest.mark.parametrize("written", ["lower", "upper", "title"])
async def test_capitals_hide_nothing(
    application: Application, sent_to_sentry: Kept, written: str
) -> None:
    secret = "Canary-AbCd-4242"
    _, text = await told_of(
        application, sent_to_sentry, content=secret, headers={"x-written": written}
    )
    assert secret.casefold() not in text


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("latin-1", "text/plain"),
        ("latin-1", "application/octet-stream"),
        ("cp1250", "text/plain; charset=windows-1250"),
        ("utf-16", "text/plain; charset=utf-16"),
        ("utf-16-le", "application/octet-stream"),
        ("utf-16-be", "application/octet-stream"),
        ("utf-8-sig", "application/json"),
        ("utf-16", "application/json"),
        ("utf-32", "application/json"),
    ],
)
async def test_in_another_encoding(
    application: Application, sent_to_sentry: Kept, encoding: str, content_type: str
) -> None:
    is_json = content_type == "application/json"
    content = (f'{{"password": "{LATIN}"}}' if is_json else LATIN).encode(encoding)
    headers = {"content-type": content_type, "x-read-as": encoding}
    event, _ = await told_of(application, sent_to_sentry, content=content, headers=headers)
    assert event["exception"]["values"][-1]["value"] == "cannot do [Filtered]"


@pytest.mark.parametrize("secret", ["pw-12", "a1c", "123", "x_9!"])
async def test_a_short_one_is_found_by_its_name(
    application: Application, sent_to_sentry: Kept, secret: str
) -> None:
    event, _ = await told_of(application, sent_to_sentry, json={"password": secret})
    fault = event["exception"]["values"][-1]
    assert (fault["type"], fault["value"]) == ("[Filtered]", "cannot do [Filtered]")


@pytest.mark.parametrize("secret", ["cannot", "do", "12"])
async def test_a_short_one_that_is_a_word_blanks_nothing_out(
    application: Application, sent_to_sentry: Kept, secret: str
) -> None:
    event, _ = await told_of(application, sent_to_sentry, json={"password": secret})
    assert event["exception"]["values"][-1]["value"] == f"cannot do {secret}"


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"password": "pw-12"}},
        {"data": {"password": "pw-12", "more": "1"}, "files": {"avatar": ("a.png", b"\x89PNG")}},
        {"params": {"token": "pw-12"}},
        {"headers": {"cookie": "other=1; sessionid=pw-12"}},
        {"headers": {"authorization": "Bearer pw-12"}},
        {"headers": {"authorization": "Basic YTpwdy0xMg=="}},
    ],
    ids=["form", "multipart", "query", "cookie", "bearer", "basic"],
)
async def test_a_short_one_is_found_wherever_it_has_a_name(
    application: Application, sent_to_sentry: Kept, sent: dict[str, Any]
) -> None:
    await application.ask("POST", "/says", **sent)
    [event] = sent_to_sentry.events()
    assert event["exception"]["values"][-1]["value"] == "not [Filtered] but pw-123"


def test_our_own_secrets_are_found_short_and_in_capitals(
    sent_to_sentry: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_SECRET", "Own-Secret-Of-Ours")
    monkeypatch.setenv("SOME_PASSWORD", "hunter2")
    monkeypatch.setenv("OTHER_PASSWORD", "postgres")
    redaction.secrets.cache_clear()
    sentry_sdk.capture_message("OWN-SECRET-OF-OURS and own-secret-of-ours, hunter2 of postgres")
    redaction.secrets.cache_clear()
    [event] = sent_to_sentry.events()
    assert event["message"] == "*** and ***, *** of postgres"
