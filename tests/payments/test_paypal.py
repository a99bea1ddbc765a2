"""What only PayPal's API requires of its gateway."""

from dataclasses import replace

import pytest

from apps.payments.gateways.base import Outcome, ProviderError
from apps.payments.gateways.paypal import amounts, transactions
from tests.payments.doubles import RETURN_URL, Reply, charge_request, outcome, report
from tests.payments.paypal_double import UNAPPROVED, PayPalDouble


def test_a_charge_is_one_order(paypal: PayPalDouble) -> None:
    request = charge_request("vault-1")
    assert paypal.gateway.charge(request).provider_id == "ORDER-0"
    [unit] = paypal.orders["ORDER-0"]["purchase_units"]
    assert unit["custom_id"] == str(request.reference)
    assert unit["amount"] == {"currency_code": "EUR", "value": "10.05"}


def test_a_created_order_is_captured(paypal: PayPalDouble) -> None:
    paypal.captures_at_once = False
    assert paypal.gateway.charge(charge_request("vault-1")).outcome is Outcome.SUCCEEDED
    created, captured = paypal.requests[1:]
    assert captured.path == "/v2/checkout/orders/ORDER-0/capture"
    assert captured.headers["paypal-request-id"] != created.headers["paypal-request-id"]


def test_the_access_token_is_reused_until_it_is_revoked(paypal: PayPalDouble) -> None:
    for _ in range(3):
        paypal.gateway.charge(charge_request("vault-1"))
    assert paypal.signed_in == 1
    paypal.token = "A21AA-second"
    assert paypal.gateway.charge(charge_request("vault-1")).outcome is Outcome.SUCCEEDED
    assert paypal.signed_in == 2


@pytest.mark.parametrize("reply", [Reply(500, b""), Reply(200, {}), Reply(404, {"name": "?"})])
def test_a_failed_sign_in_is_an_error(paypal: PayPalDouble, reply: Reply) -> None:
    paypal.coming = [reply]
    with pytest.raises(ProviderError):
        paypal.gateway.charge(charge_request("vault-1"))


@pytest.mark.parametrize("source", ["", UNAPPROVED])
def test_an_order_is_captured_after_its_approval(paypal: PayPalDouble, source: str) -> None:
    request = charge_request(source)
    result = paypal.gateway.charge(request)
    assert result.approve_url == "https://www.paypal.com/checkoutnow?token=ORDER-0"
    order = paypal.orders["ORDER-0"]
    context = order["payment_source"]["paypal"]["experience_context"]
    assert context["return_url"] == context["cancel_url"] == RETURN_URL
    paypal.approve(order)
    request = replace(request, provider_id=result.provider_id)
    assert outcome(paypal.gateway.retrieve(request)) is Outcome.SUCCEEDED
    captured = paypal.requests[-1]
    assert captured.headers["paypal-request-id"] == f"{request.reference}-capture"


def test_an_approved_order_can_be_canceled_before_its_capture(paypal: PayPalDouble) -> None:
    request = paypal.charged("")
    paypal.approve(paypal.orders["ORDER-0"])
    assert outcome(paypal.gateway.cancel(request)) is Outcome.DECLINED
    assert not paypal.is_charged("ORDER-0")


def test_an_approved_order_can_be_declined_at_capture(paypal: PayPalDouble) -> None:
    request = paypal.charged("")
    paypal.approve(paypal.orders["ORDER-0"])
    paypal.coming = ["", Reply(422, {"details": [{"issue": "INSTRUMENT_DECLINED"}]})]
    assert outcome(paypal.gateway.retrieve(request)) is Outcome.DECLINED


@pytest.mark.parametrize(
    "links", [None, [], "x", [{"rel": "payer-action", "href": "javascript:alert(1)"}]]
)
def test_an_order_without_approval_page_is_an_error(paypal: PayPalDouble, links: object) -> None:
    order = {"id": "ORDER-0", "status": "PAYER_ACTION_REQUIRED", "links": links}
    paypal.coming = ["", Reply(201, order)]
    with pytest.raises(ProviderError):
        paypal.gateway.charge(charge_request())


def test_a_report_has_a_page_limit(paypal: PayPalDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "MAX_PAGES", 1)
    for _ in range(2):
        paypal.gateway.charge(charge_request("vault-1"))
    with pytest.raises(ProviderError, match="too_many_transactions"):
        list(report(paypal.gateway))


@pytest.mark.parametrize(("amount", "decimal"), [(1, "0.01"), (100, "1.00"), (123456, "1234.56")])
def test_amounts_have_two_decimals(amount: int, decimal: str) -> None:
    assert amounts.to_paypal(amount, "EUR")["value"] == decimal
    assert amounts.from_paypal(decimal) == amounts.from_paypal(f"-{decimal}") == amount


@pytest.mark.parametrize("decimal", ["", "1", "1.000", "1,00", "NaN", "١.٠٠", None, 1.0])
def test_a_malformed_amount_is_zero(decimal: object) -> None:
    assert amounts.from_paypal(decimal) == 0
