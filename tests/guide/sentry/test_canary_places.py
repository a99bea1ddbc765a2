"""Texts that code adds to an event are readable, and their secrets are hidden."""

import pytest
import sentry_sdk

from apps.core.logging import redaction
from tests.guide.sentry.application import Application
from tests.guide.sentry.canary import CANARY
from tests.sentry_capture import Capture

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_value_in_the_message_of_an_exception_is_readable_but_the_query_is_not_sent(
    application: Application,
) -> None:
    await application.ask("POST", f"/repeats/it?seat={CANARY}", content=b"seat 7")
    [event] = application.sent.events()
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert event["exception"]["values"][-1]["value"] == "cannot do it with seat 7"
    assert CANARY not in application.sent.text()


def test_secrets_are_hidden_in_every_text(sent_to_sentry: Capture) -> None:
    message = f"cannot reach redis://:{CANARY}@cache:6379 with password={CANARY}"
    sentry_sdk.set_context("shop", {"note": message, "token": CANARY})
    sentry_sdk.set_tag("note", message)
    sentry_sdk.set_extra("note", [message])
    sentry_sdk.add_breadcrumb(category="shop", message=message, data={"password": CANARY})
    sentry_sdk.capture_message(message)
    sentry_sdk.capture_exception(RuntimeError(message))
    assert len(sent_to_sentry.events()) == 2
    assert CANARY not in sent_to_sentry.text()


async def test_spans_have_neither_sql_values_nor_url_queries(application: Application) -> None:
    await application.ask("POST", "/places", content=CANARY)
    [transaction] = application.sent.transactions()
    descriptions = [span["description"] for span in transaction["spans"]]
    assert any("SELECT ?, title FROM games_game WHERE title = " in text for text in descriptions)
    assert "GET https://books.example/" in descriptions
    assert CANARY not in application.sent.text()


def test_secrets_in_the_environment_are_hidden(
    sent_to_sentry: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_SECRET", "A-Secret-Of-The-Process")
    monkeypatch.setenv("OTHER_PASSWORD", "postgres")
    monkeypatch.setenv("SHORT_PASSWORD", "hunt3r2")
    redaction.secrets.cache_clear()
    sentry_sdk.capture_message("A-SECRET-Of-The-Process for postgres, hunt3r2! but hunt3r22")
    redaction.secrets.cache_clear()
    [event] = sent_to_sentry.events()
    assert event["message"] == "*** for postgres, ***! but hunt3r22"
