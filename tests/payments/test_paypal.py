"""The PayPal gateway against a double of PayPal's API."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.payments.gateways.base import (
    ChargeRequest,
    Outcome,
    ProviderError,
    ProviderResult,
    ProviderTransaction,
    RefundRequest,
)
from apps.payments.gateways.paypal import amounts
from apps.payments.gateways.paypal.gateway import PayPalGateway
from tests.payments.doubles import Faults, Reply, served
from tests.payments.paypal_double import DECLINED, ID, SECRET, SLOW, UNAPPROVED, PayPalDouble

RETURN_URL = "https://crown.example/pay/1/back"
CHARGED = ProviderResult(outcome=Outcome.SUCCEEDED, provider_id="ORDER-0")


class World:
    def __init__(self, double: PayPalDouble, base: str, faults: Faults) -> None:
        self.double, self.base, self.faults = double, base, faults
        self.paypal = PayPalGateway(ID, SECRET, "WH-1", base, 1)

    def sign_in(self) -> None:
        assert self.paypal.retrieve(replace(charge_request(), provider_id="ORDER-9")) is None


@pytest.fixture
def world() -> Iterator[World]:
    double = PayPalDouble()
    with served(double) as (base, faults):
        yield World(double, base, faults)


def charge_request(source: str = "vault-1", amount: int = 1005) -> ChargeRequest:
    return ChargeRequest(
        reference=uuid.uuid4(), created_at=datetime.now(UTC), amount=amount, currency="EUR",
        source=source, return_url=RETURN_URL,
    )  # fmt: skip


def charged(world: World) -> ChargeRequest:
    request = charge_request()
    return replace(request, provider_id=world.paypal.charge(request).provider_id)


def outcome(result: ProviderResult | None) -> Outcome:
    assert result
    return result.outcome


def test_a_charge_is_one_captured_order(world: World) -> None:
    request = charge_request()
    assert world.paypal.charge(request) == CHARGED
    assert world.faults.requests[-1].headers["paypal-request-id"] == str(request.reference)
    [unit] = world.double.orders["ORDER-0"]["purchase_units"]
    assert unit["custom_id"] == str(request.reference)
    assert unit["amount"] == {"currency_code": "EUR", "value": "10.05"}


def test_a_created_order_is_captured(world: World) -> None:
    world.double.captures_at_once = False
    assert world.paypal.charge(charge_request()).outcome is Outcome.SUCCEEDED
    created, captured = world.faults.requests[1:]
    assert captured.path == "/v2/checkout/orders/ORDER-0/capture"
    assert captured.headers["paypal-request-id"] != created.headers["paypal-request-id"]


def test_a_repeated_charge_is_charged_once(world: World) -> None:
    request = charge_request()
    assert world.paypal.charge(request) == world.paypal.charge(request)
    assert len(world.double.orders) == 1


def test_the_access_token_is_reused_until_it_is_revoked(world: World) -> None:
    for _ in range(3):
        world.paypal.charge(charge_request())
    assert world.double.signed_in == 1
    world.double.token = "A21AA-second"
    assert world.paypal.charge(charge_request()).outcome is Outcome.SUCCEEDED
    assert world.double.signed_in == 2


def test_an_issue_that_the_buyer_can_solve_is_a_decline(world: World) -> None:
    assert world.paypal.charge(charge_request(DECLINED)).outcome is Outcome.DECLINED


def pending_approval(world: World, source: str = "") -> tuple[ChargeRequest, dict[str, Any]]:
    request = charge_request(source)
    url = "https://www.paypal.com/checkoutnow?token=ORDER-0"
    assert world.paypal.charge(request) == ProviderResult(
        outcome=Outcome.PROCESSING, provider_id="ORDER-0", approve_url=url
    )
    return replace(request, provider_id="ORDER-0"), world.double.orders["ORDER-0"]


@pytest.mark.parametrize("source", ["", UNAPPROVED])
def test_an_order_is_captured_once_after_the_buyer_approved_it(world: World, source: str) -> None:
    request, order = pending_approval(world, source)
    context = order["payment_source"]["paypal"]["experience_context"]
    assert context["return_url"] == context["cancel_url"] == RETURN_URL
    assert outcome(world.paypal.retrieve(request)) is Outcome.PROCESSING
    world.double.approve(order)
    assert [world.paypal.retrieve(request) for _ in range(2)] == [CHARGED, CHARGED]
    [*_, captured, _] = world.faults.requests
    assert captured.headers["paypal-request-id"] == f"{request.reference}-capture"


@pytest.mark.parametrize("approved", [False, True])
def test_a_canceled_order_is_not_captured(world: World, approved: bool) -> None:
    request, order = pending_approval(world)
    if approved:
        world.double.approve(order)
    assert outcome(world.paypal.cancel(request)) is Outcome.DECLINED
    assert "payments" not in order["purchase_units"][0]


def test_a_captured_order_cannot_be_canceled(world: World) -> None:
    assert world.paypal.cancel(charged(world)) == CHARGED
    assert world.paypal.cancel(charge_request()) is None


@pytest.mark.parametrize(
    "links", [None, [], "x", [{"rel": "payer-action", "href": "javascript:alert(1)"}]]
)
def test_an_order_without_a_page_for_approval_is_an_error(world: World, links: object) -> None:
    world.sign_in()
    order = {"id": "ORDER-0", "status": "PAYER_ACTION_REQUIRED", "links": links}
    world.faults.coming = [Reply(201, order)]
    with pytest.raises(ProviderError):
        world.paypal.charge(charge_request(""))


def test_an_approved_order_can_be_declined_at_capture(world: World) -> None:
    request, order = pending_approval(world)
    world.double.approve(order)
    world.faults.coming = ["", Reply(422, {"details": [{"issue": "INSTRUMENT_DECLINED"}]})]
    assert outcome(world.paypal.retrieve(request)) is Outcome.DECLINED


def test_a_pending_capture_is_processing_until_it_completes(world: World) -> None:
    request = charge_request(SLOW)
    result = world.paypal.charge(request)
    assert result.outcome is Outcome.PROCESSING
    captures = world.double.orders["ORDER-0"]["purchase_units"][0]["payments"]["captures"]
    captures[0]["status"] = "COMPLETED"
    request = replace(request, provider_id=result.provider_id)
    assert world.paypal.retrieve(request) == CHARGED


def test_an_unknown_order_is_none(world: World) -> None:
    assert world.paypal.retrieve(charge_request()) is None
    assert world.paypal.retrieve(replace(charge_request(), provider_id="ORDER-9")) is None


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {"name": "INTERNAL_SERVER_ERROR"}),
        Reply(503, b"<html>"),
        Reply(200, b"<html>"),
        Reply(200, []),
        Reply(201, {"id": 7, "status": []}),
        Reply(302, b""),
        Reply(400, {"name": "INVALID_REQUEST"}),
        Reply(429, {"name": "RATE_LIMIT_REACHED"}),
        Reply(422, {"details": [{"issue": "DUPLICATE_INVOICE_ID"}]}),
    ],
    ids=lambda reply: f"{reply.status} {reply.body}"[:40],
)
def test_a_failed_or_malformed_response_is_an_error(world: World, reply: Reply) -> None:
    world.sign_in()
    world.faults.coming = [reply]
    with pytest.raises(ProviderError):
        world.paypal.charge(charge_request())


@pytest.mark.parametrize("reply", [Reply(500, b""), Reply(200, {}), Reply(404, {"name": "?"})])
def test_a_failed_sign_in_is_an_error(world: World, reply: Reply) -> None:
    world.faults.coming = [reply]
    with pytest.raises(ProviderError):
        world.paypal.charge(charge_request())


def test_a_timeout_is_an_error_and_a_repeated_request_charges_once(world: World) -> None:
    world.sign_in()
    world.faults.coming = ["silent"]
    request = charge_request()
    with pytest.raises(ProviderError):
        world.paypal.charge(request)
    assert world.paypal.charge(request).outcome is Outcome.SUCCEEDED
    assert len(world.double.orders) == 1


def test_the_error_for_a_wrong_secret_does_not_contain_it(world: World) -> None:
    with pytest.raises(ProviderError) as raised:
        PayPalGateway(ID, "hunter2-hunter2", "WH-1", world.base, 1).charge(charge_request())
    assert "hunter2" not in str(raised.value)


def test_a_repeated_refund_refunds_once(world: World) -> None:
    refund = RefundRequest(charge=charged(world), reference=uuid.uuid4(), amount=405)
    result = world.paypal.refund(refund)
    assert result == world.paypal.refund(refund)
    assert result == ProviderResult(outcome=Outcome.SUCCEEDED, provider_id="REFUND-0")
    assert world.double.refunds["REFUND-0"]["amount"]["value"] == "4.05"
    assert world.paypal.refund(replace(refund, refund_id="REFUND-0")) == result


def test_refunds_of_more_than_the_charge_are_declined(world: World) -> None:
    request = charged(world)
    for expected in (Outcome.SUCCEEDED, Outcome.DECLINED):
        refund = RefundRequest(charge=request, reference=uuid.uuid4(), amount=700)
        assert world.paypal.refund(refund).outcome is expected


def test_the_report_has_each_charge_with_its_refunds(world: World) -> None:
    requests = [charged(world), charged(world)]
    world.paypal.refund(RefundRequest(charge=requests[0], reference=uuid.uuid4(), amount=5))
    now = datetime.now(UTC)
    assert list(world.paypal.list_transactions(now - timedelta(hours=1), now)) == [
        ProviderTransaction(
            reference=request.reference,
            amount=1005,
            currency="EUR",
            charged=True,
            refunded=refunded,
        )
        for request, refunded in zip(requests, (5, 0), strict=True)
    ]


def test_a_report_with_too_many_pages_is_an_error(world: World) -> None:
    for _ in range(21):
        charged(world)
    now = datetime.now(UTC)
    with pytest.raises(ProviderError, match="too_many_transactions"):
        list(world.paypal.list_transactions(now - timedelta(hours=1), now))


@pytest.mark.parametrize(("amount", "decimal"), [(1, "0.01"), (100, "1.00"), (123456, "1234.56")])
def test_amounts_have_two_decimals(amount: int, decimal: str) -> None:
    assert amounts.to_paypal(amount, "EUR")["value"] == decimal
    assert amounts.from_paypal(decimal) == amounts.from_paypal(f"-{decimal}") == amount


@pytest.mark.parametrize("decimal", ["", "1", "1.0", "1.000", "1,00", "NaN", "١.٠٠", None, 1.0, []])
def test_a_malformed_amount_is_zero(decimal: object) -> None:
    assert amounts.from_paypal(decimal) == 0
