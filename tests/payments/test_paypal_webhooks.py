"""Webhooks of PayPal: verified by PayPal's API, never accepted without its confirmation."""

import json
from typing import Any

import pytest

from apps.core import context
from apps.payments.gateways import gateway_for
from apps.payments.gateways.base import InvalidWebhook, ProviderError, WebhookNotification
from apps.payments.gateways.paypal.webhooks import VERIFICATIONS
from apps.tournaments.models import Registration
from tests import factories
from tests.payments.doubles import Reply
from tests.payments.event_helpers import event_names, post
from tests.payments.paypal_double import PayPalDouble
from tests.world import everything_stored

# Not as Python would serialize it: the signature covers the bytes.
BODY = """{"event_type":"PAYMENT.CAPTURE.COMPLETED",  "id": "WH-2", "summary": "10,00 €",
 "resource": {"id": "CAPTURE-1", "custom_id": "00000000-0000-0000-0000-000000000001", "fee": 1.50,
 "supplementary_data": {"related_ids": {"order_id": "ORDER-1"}}}}""".encode()
NOTIFICATION = WebhookNotification(
    event_id="WH-2",
    name="PAYMENT.CAPTURE.COMPLETED",
    reference="00000000-0000-0000-0000-000000000001",
    provider_id="ORDER-1",
    outcome="succeeded",
)


def test_webhooks_over_the_rate_limit_are_not_verified(paypal: PayPalDouble, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"webhook_verifications": "1/year"}
    context.bind(client="192.0.2.9")
    headers = paypal.sign(BODY)
    paypal.gateway.parse_webhook(BODY, headers)
    with pytest.raises(ProviderError, match="rate_limited"):
        paypal.gateway.parse_webhook(BODY, headers)


def test_verifications_occupy_two_threads_at_most(paypal: PayPalDouble) -> None:
    headers = paypal.sign(BODY)
    with VERIFICATIONS, VERIFICATIONS, pytest.raises(ProviderError, match="too_many"):
        paypal.gateway.parse_webhook(BODY, headers)
    assert not paypal.requests
    paypal.gateway.parse_webhook(BODY, headers)  # which fetches the access token
    paypal.coming = [Reply(500, b"")] * 3
    for _ in range(3):
        with pytest.raises(ProviderError, match="http_500"):
            paypal.gateway.parse_webhook(BODY, headers)
    assert paypal.gateway.parse_webhook(BODY, headers) == NOTIFICATION


@pytest.mark.parametrize(
    "body", [BODY.decode().encode("utf-16"), BODY[:-1] + b', "id": "WH-3"}'], ids=["16", "twice"]
)
def test_an_ambiguous_body_is_not_sent_to_paypal(paypal: PayPalDouble, body: bytes) -> None:
    with pytest.raises(InvalidWebhook):
        paypal.gateway.parse_webhook(body, paypal.sign(body))
    assert not paypal.requests


def test_a_webhook_with_a_forged_body_is_refused(paypal: PayPalDouble) -> None:
    forged = BODY.replace(b"ORDER-1", b"ORDER-2")
    with pytest.raises(InvalidWebhook, match="does not match"):
        paypal.gateway.parse_webhook(forged, paypal.sign(BODY))


MALFORMED = [
    *((header, "") for header in PayPalDouble().sign(BODY)),
    ("PayPal-Transmission-Time", "yesterday"),
    ("PayPal-Transmission-Time", "2026-11-25T12:00:00"),
]
FORGED = [
    ("PayPal-Transmission-Id", "another"),
    ("PayPal-Transmission-Sig", "ключ"),
    ("PayPal-Cert-Url", "https://paypal.com.evil.example/cert"),
]


@pytest.mark.parametrize(("header", "value"), [*MALFORMED, *FORGED])
def test_an_invalid_header_is_refused(paypal: PayPalDouble, header: str, value: str) -> None:
    """PayPal is asked about a forged header, but not about a malformed one."""
    with pytest.raises(InvalidWebhook):
        paypal.gateway.parse_webhook(BODY, paypal.sign(BODY) | {header: value})
    assert bool(paypal.requests) == ((header, value) in FORGED)


@pytest.mark.parametrize("age", [0, 290])
def test_a_webhook_is_accepted_for_five_minutes(paypal: PayPalDouble, age: int) -> None:
    assert paypal.gateway.parse_webhook(BODY, paypal.sign(BODY, age=age)) == NOTIFICATION


@pytest.mark.parametrize("age", [310, 86400])
def test_a_later_webhook_is_refused(paypal: PayPalDouble, age: int) -> None:
    with pytest.raises(InvalidWebhook, match="too old"):
        paypal.gateway.parse_webhook(BODY, paypal.sign(BODY, age=age))


@pytest.mark.parametrize("fault", [Reply(500, b""), Reply(200, b"<html>"), Reply(403, {})])
def test_a_webhook_is_not_accepted_while_paypal_fails(paypal: PayPalDouble, fault: Reply) -> None:
    paypal.gateway.parse_webhook(BODY, paypal.sign(BODY))  # which fetches the access token
    paypal.coming = [fault]
    with pytest.raises(ProviderError):
        paypal.gateway.parse_webhook(BODY, paypal.sign(BODY))


def test_a_wrong_webhook_id_is_a_configuration_error(paypal: PayPalDouble, settings: Any) -> None:
    settings.PAYPAL_WEBHOOK_ID = "WH-3"
    with pytest.raises(ProviderError):
        gateway_for("PAYPAL").parse_webhook(BODY, paypal.sign(BODY))


@pytest.mark.django_db
def test_a_webhook_is_applied_once_paypal_responds_again(
    registration: Registration, request: pytest.FixtureRequest
) -> None:
    payment = factories.pay(registration, "tok_slow", method="PAYPAL")
    paypal = request.getfixturevalue("paypal")
    resource = {"id": "CAPTURE-1", "custom_id": str(payment.reference)}
    event = {"id": "WH-9", "event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": resource}
    body = json.dumps(event).encode()
    before = everything_stored()
    paypal.coming = ["", "silent"]  # the first request is for the access token
    response = post("paypal", body, paypal.sign(body))
    assert (response.status_code, response.json()["error"]["code"]) == (503, "not_verified")
    assert everything_stored() == before
    assert post("paypal", body, paypal.sign(body)).json() == {"result": "applied"}
    assert "payment.succeeded" in event_names(payment)
