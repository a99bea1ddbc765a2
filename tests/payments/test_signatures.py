"""Who signed a webhook: real signatures, and every way in which one can be wrong."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.payments.gateways.base import Notice, Unavailable, WebhookRefused
from apps.payments.gateways.paypal import certificates
from apps.payments.gateways.paypal.certificates import fetch, public_authorities
from tests.payments.doubles import Reply, Request, served
from tests.payments.event_helpers import PayPalSigner

BODY = json.dumps(
    {
        "id": "WH-2",
        "event_type": "PAYMENT.CAPTURE.COMPLETED",
        "resource": {
            "id": "CAPTURE-1",
            "custom_id": "00000000-0000-0000-0000-000000000001",
            "supplementary_data": {"related_ids": {"order_id": "ORDER-1"}},
        },
    }
).encode()


@pytest.fixture(scope="module")
def paypal() -> PayPalSigner:
    return PayPalSigner()


def test_what_paypal_signed_is_understood(paypal: PayPalSigner) -> None:
    assert paypal.verifier().notice(BODY, paypal.headers(BODY)) == Notice(
        event_id="WH-2",
        name="PAYMENT.CAPTURE.COMPLETED",
        reference="00000000-0000-0000-0000-000000000001",
        provider_id="ORDER-1",
        outcome="succeeded",
    )


def test_its_certificate_is_fetched_once(paypal: PayPalSigner) -> None:
    verifier, before = paypal.verifier(), paypal.fetched
    for _ in range(3):
        verifier.notice(BODY, paypal.headers(BODY))
    assert paypal.fetched == before + 1


@pytest.mark.parametrize(
    "changed",
    [
        {"PayPal_Transmission_Id": "another"},
        {"PayPal_Transmission_Time": datetime.now(UTC).isoformat()},
        {"PayPal_Transmission_Time": "yesterday"},
        {"PayPal_Transmission_Time": "2026-11-25T12:00:00"},
        {"PayPal_Transmission_Time": ""},
        {"PayPal_Transmission_Sig": ""},
        {"PayPal_Transmission_Sig": "ключ"},
        {"PayPal_Transmission_Sig": base64.b64encode(b"x" * 256).decode()},
        {"PayPal_Auth_Algo": "none"},
        {"PayPal_Auth_Algo": "SHA1withRSA"},
    ],
    ids="".join,
)
def test_a_header_that_was_changed_is_refused(
    paypal: PayPalSigner, changed: dict[str, Any]
) -> None:
    with pytest.raises(WebhookRefused):
        paypal.verifier().notice(BODY, paypal.headers(BODY, **changed))


def test_no_headers_are_refused(paypal: PayPalSigner) -> None:
    with pytest.raises(WebhookRefused):
        paypal.verifier().notice(BODY, {})


def test_a_body_that_was_changed_is_refused(paypal: PayPalSigner) -> None:
    with pytest.raises(WebhookRefused):
        paypal.verifier().notice(BODY.replace(b"ORDER-1", b"ORDER-2"), paypal.headers(BODY))


@pytest.mark.parametrize(("age", "taken"), [(0, True), (290, True), (310, False), (86400, False)])
def test_what_is_older_than_five_minutes_is_refused(
    paypal: PayPalSigner, age: int, taken: bool
) -> None:
    verifier, headers = paypal.verifier(), paypal.headers(BODY, age=age)
    if taken:
        assert verifier.notice(BODY, headers).event_id == "WH-2"
    else:
        with pytest.raises(WebhookRefused, match="too old"):
            verifier.notice(BODY, headers)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.paypal.com/cert",
        "https://api.paypal.com.evil.example/cert",
        "https://evilpaypal.com/cert",
        "https://paypal.com@evil.example/cert",
        "https://evil.example@api.paypal.com/cert",
        "https://api.paypal.com:8443/cert",
        "https://api.paypal.com:x/cert",
        "https://[::1/cert",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_fetched(paypal: PayPalSigner, url: str) -> None:
    before = paypal.fetched
    with pytest.raises(WebhookRefused):
        paypal.verifier().notice(BODY, paypal.headers(BODY, PayPal_Cert_Url=url))
    assert paypal.fetched == before


def test_a_certificate_that_nobody_vouches_for_is_refused(paypal: PayPalSigner) -> None:
    stranger = PayPalSigner()
    with pytest.raises(WebhookRefused, match="vouches"):
        stranger.verifier(trusted=paypal).notice(BODY, stranger.headers(BODY))


@pytest.mark.parametrize(
    "validity",
    [
        {"start": datetime.now(UTC) - timedelta(days=9), "lasts": timedelta(days=1)},
        {"start": datetime.now(UTC) + timedelta(days=1)},
    ],
    ids=["over", "not yet"],
)
def test_a_certificate_out_of_its_time_is_refused(validity: dict[str, Any]) -> None:
    paypal = PayPalSigner(**validity)
    with pytest.raises(WebhookRefused, match="vouches"):
        paypal.verifier().notice(BODY, paypal.headers(BODY))


def test_a_certificate_of_somebody_elses_name_is_refused() -> None:
    other = PayPalSigner("shop.example")
    with pytest.raises(WebhookRefused, match="vouches"):
        other.verifier().notice(BODY, other.headers(BODY))


def test_public_authorities_are_those_that_browsers_trust() -> None:
    assert len(public_authorities()) > 50


class Shelf:
    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    def answer(self, _: Request) -> Reply:
        return self.reply


@pytest.fixture
def shelf() -> Iterator[tuple[str, Shelf]]:
    lying = Shelf(Reply(200, b"PEM"))
    with served(lying) as (base, _):
        yield base, lying


def test_a_certificate_is_fetched_up_to_a_bound(shelf: tuple[str, Shelf]) -> None:
    base, lying = shelf
    assert fetch(base) == b"PEM"
    lying.reply = Reply(200, b"x" * (certificates.LONGEST * 4))
    assert len(fetch(base)) == certificates.LONGEST


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_certificate_that_is_not_there_can_be_asked_for_again(
    shelf: tuple[str, Shelf], status: int
) -> None:
    base, lying = shelf
    lying.reply = Reply(status, b"")
    with pytest.raises(Unavailable):
        fetch(base)
    with pytest.raises(Unavailable):
        fetch("http://127.0.0.1:9")


def test_webhooks_that_name_certificates_without_end_keep_no_worker_busy(
    shelf: tuple[str, Shelf], settings: Any
) -> None:
    settings.RATE_LIMITS = {"certificates": "2/year"}
    base, _ = shelf
    for _ in range(2):
        assert fetch(base) == b"PEM"
    with pytest.raises(Unavailable, match="too_many"):
        fetch(base)
