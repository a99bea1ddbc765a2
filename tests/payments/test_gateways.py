"""The contract of every gateway, against doubles of the providers' APIs."""

import socket
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from apps.payments.gateways import PROVIDERS, gateway_for
from apps.payments.gateways.base import (
    ChargeRequest,
    Outcome,
    ProviderError,
    ProviderTransaction,
    RefundRequest,
)
from tests.faulty_servers import Behavior, drips, faulty_server, never_ends
from tests.payments.conftest import live
from tests.payments.doubles import ProviderDouble, Reply, charge_request, outcome, report


def refund(provider: ProviderDouble, charge: ChargeRequest, amount: int) -> Outcome:
    request = RefundRequest(charge=charge, reference=uuid.uuid4(), amount=amount)
    return provider.gateway.refund(request).outcome


def charge_fails(provider: ProviderDouble) -> str:
    """The error of a gateway with the current settings."""
    with pytest.raises(ProviderError) as raised:
        gateway_for(provider.provider.name).charge(charge_request(provider.GOOD))
    return str(raised.value)


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest, settings: Any) -> Iterator[ProviderDouble]:
    with live(request.param, settings) as double:
        assert not list(report(double.gateway))  # fetches PayPal's access token
        yield double


def test_a_repeated_charge_is_charged_once(provider: ProviderDouble) -> None:
    request = charge_request(provider.GOOD)
    results = [provider.gateway.charge(request) for _ in range(2)]
    assert results[0] == results[1]
    assert results[0].outcome is Outcome.SUCCEEDED
    assert str(request.reference) in provider.requests[-1].headers.values()
    assert provider.charges() == 1


def test_a_declined_source_is_declined(provider: ProviderDouble) -> None:
    result = provider.gateway.charge(charge_request(provider.DECLINED))
    assert result.outcome is Outcome.DECLINED


def test_a_slow_charge_is_processing_until_it_succeeds(provider: ProviderDouble) -> None:
    request = provider.charged(provider.SLOW)
    assert outcome(provider.gateway.retrieve(request)) is Outcome.PROCESSING
    provider.complete(request.provider_id)
    assert outcome(provider.gateway.retrieve(request)) is Outcome.SUCCEEDED


def test_an_unknown_charge_is_none(provider: ProviderDouble) -> None:
    for request in (charge_request(), charge_request(provider.GOOD)):
        assert provider.gateway.retrieve(request) is None
        assert provider.gateway.cancel(request) is None


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>"),
        Reply(200, []),
        Reply(200, {"object": "payment_intent"}),
        Reply(201, {"object": "payment_intent", "id": 7, "status": ["succeeded"]}),
        Reply(302, b""),
        Reply(403, {"error": {"type": "invalid_request_error"}}),
        Reply(422, {"details": [{"issue": "DUPLICATE_INVOICE_ID"}]}),
        Reply(502, b"bad gateway"),
    ],
    ids=lambda reply: f"{reply.status} {reply.body}"[:40],
)
def test_a_failed_or_malformed_response_is_an_error(provider: ProviderDouble, reply: Reply) -> None:
    provider.coming = [reply, reply]
    charge_fails(provider)


def test_a_timeout_is_an_error_and_a_repetition_charges_once(provider: ProviderDouble) -> None:
    provider.coming = ["silent"]
    request = charge_request(provider.GOOD)
    with pytest.raises(ProviderError):
        provider.gateway.charge(request)
    assert provider.gateway.charge(request).outcome is Outcome.SUCCEEDED
    assert provider.charges() == 1


def drips_content(connection: socket.socket, _: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n{")
    while True:
        time.sleep(0.1)
        connection.sendall(b" ")


@pytest.mark.parametrize("behavior", [drips, drips_content, never_ends])
def test_the_time_and_the_size_of_a_response_are_limited(
    provider: ProviderDouble, settings: Any, behavior: Behavior
) -> None:
    with faulty_server(behavior) as server:
        setattr(settings, provider.provider.api_base_setting, server.url)
        started = time.monotonic()
        charge_fails(provider)
        assert time.monotonic() - started < 5 * settings.PAYMENT_TIMEOUT_SECONDS


def test_a_refused_connection_is_an_error(provider: ProviderDouble, settings: Any) -> None:
    setattr(settings, provider.provider.api_base_setting, "http://127.0.0.1:9")
    charge_fails(provider)


def test_an_error_does_not_contain_credentials(provider: ProviderDouble, settings: Any) -> None:
    for name in provider.provider.credentials:
        setattr(settings, name, "hunter2")
    assert "hunter2" not in charge_fails(provider)


def test_a_repeated_refund_refunds_once(provider: ProviderDouble) -> None:
    request = RefundRequest(
        charge=provider.charged(provider.GOOD), reference=uuid.uuid4(), amount=405
    )
    result = provider.gateway.refund(request)
    assert result.outcome is Outcome.SUCCEEDED
    assert provider.gateway.refund(request) == result
    assert provider.gateway.refund(replace(request, refund_id=result.provider_id)) == result
    assert provider.refunded() == 405


def test_refunds_of_more_than_the_charge_are_declined(provider: ProviderDouble) -> None:
    charge = provider.charged(provider.GOOD)
    assert refund(provider, charge, 700) is Outcome.SUCCEEDED
    assert refund(provider, charge, 700) is Outcome.DECLINED
    assert provider.refunded() == 700


def test_without_a_source_the_payer_pays_on_one_page(provider: ProviderDouble) -> None:
    request = charge_request("")
    result = provider.gateway.charge(request)
    assert result.outcome is Outcome.PROCESSING
    assert str(result.approve_url).startswith("https://")
    assert provider.gateway.charge(request) == result
    request = replace(request, provider_id=result.provider_id)
    assert outcome(provider.gateway.retrieve(request)) is Outcome.PROCESSING
    provider.pay_on_page(result.provider_id)
    assert [outcome(provider.gateway.retrieve(request)) for _ in range(2)] == [
        Outcome.SUCCEEDED
    ] * 2
    assert outcome(provider.gateway.cancel(request)) is Outcome.SUCCEEDED


def test_a_page_without_payment_can_be_canceled(provider: ProviderDouble) -> None:
    request = provider.charged("")
    for _ in range(2):
        assert outcome(provider.gateway.cancel(request)) is Outcome.DECLINED
    assert not provider.is_charged(request.provider_id)


def test_the_report_has_each_charge_with_its_refunds(provider: ProviderDouble) -> None:
    charges = [provider.charged(provider.GOOD) for _ in range(3)]
    refund(provider, charges[0], 5)
    assert {transaction.reference: transaction for transaction in report(provider.gateway)} == {
        charge.reference: ProviderTransaction(
            reference=charge.reference,
            amount=1005,
            currency="EUR",
            charged=True,
            refunded=5 if charge is charges[0] else 0,
        )
        for charge in charges
    }
