"""The pages of Stripe and PayPal, from checkout to the settled payment."""

from typing import Any

import pytest

from apps.payments.services import payments_resume
from apps.tournaments.services import registration_withdraw
from tests import factories
from tests.payments.conftest import SITE
from tests.payments.event_helpers import poll_again_now, post_stripe, stripe_event
from tests.payments.payer import Payer
from tests.payments.paypal_double import PayPalDouble
from tests.payments.stripe_double import StripeDouble

pytestmark = pytest.mark.django_db


def result_of(name: str, subject: dict[str, Any]) -> Any:
    return post_stripe(stripe_event(name, subject)).json()["result"]


def resume() -> None:
    poll_again_now()
    assert payments_resume() == 1


def test_a_declined_card_on_the_page_can_be_replaced(payer: Payer, stripe: StripeDouble) -> None:
    payment = payer.start()
    session = stripe.sessions[payment.provider_id]
    assert session["params"]["success_url"] == f"{SITE}{payer.url}/back"
    intent = stripe.pay(session, stripe.DECLINED)
    assert result_of("payment_intent.payment_failed", intent) == "applied"
    assert "Finish paying at Stripe" in payer.back()
    stripe.pay(session, "tok_visa")
    assert "Payment received." in payer.back()
    assert payer.is_confirmed()


def test_a_charge_settled_by_a_webhook_can_be_refunded(payer: Payer, stripe: StripeDouble) -> None:
    payment = payer.start()
    intent = stripe.pay(stripe.sessions[payment.provider_id], "tok_visa")
    assert result_of("payment_intent.succeeded", intent) == "applied"
    assert payer.is_confirmed()
    assert factories.refund(payment).status == "succeeded"
    assert intent["latest_charge"]["amount_refunded"] == 1000


def test_an_expired_session_fails_the_payment(payer: Payer, stripe: StripeDouble) -> None:
    payment = payer.start()
    session = stripe.sessions[payment.provider_id]
    assert result_of("checkout.session.expired", session) == "applied"
    payment.refresh_from_db()
    assert payment.status == "failed"
    assert 'name="method"' in payer.page()


def test_a_processing_charge_is_not_canceled(payer: Payer, stripe: StripeDouble) -> None:
    payment = payer.start()
    intent = stripe.pay(stripe.sessions[payment.provider_id], stripe.SLOW)
    response = payer.send(f"{payment.pk}/cancel")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "payment_in_progress")
    resume()
    intent["status"] = "succeeded"
    assert result_of("payment_intent.succeeded", intent) == "applied"
    assert payer.is_confirmed()


def test_a_pending_capture_requires_no_action(payer: Payer, paypal: PayPalDouble) -> None:
    payment = payer.start("PAYPAL")
    order = paypal.orders[payment.provider_id]
    paypal.approve(order)
    order["source"] = paypal.SLOW
    assert "Payment processing." in payer.back()
    payment.refresh_from_db()
    assert (payment.status, payment.approve_url) == ("processing", "")
    again = payer.back()
    assert "Your payment is processing." in again
    assert "go through" not in again


def test_no_order_is_captured_after_a_withdrawal(payer: Payer, paypal: PayPalDouble) -> None:
    payment = payer.start("PAYPAL")
    paypal.approve(paypal.orders[payment.provider_id])
    registration = payer.registration
    registration_withdraw(registration_id=registration.pk, player=registration.player)
    assert "Nothing to pay." in payer.back()
    listed = payer.client.get(f"/api/payments/{payment.pk}").json()
    assert (listed["status"], listed["approve_url"]) == ("processing", None)
    resume()
    assert payer.listed_status() == "Canceled"
    assert "payments" not in paypal.orders[payment.provider_id]["purchase_units"][0]


def test_a_payment_canceled_during_an_outage_is_canceled_after_it(
    payer: Payer, paypal: PayPalDouble, settings: Any
) -> None:
    payment = payer.start("PAYPAL")
    base, settings.PAYPAL_API_BASE = settings.PAYPAL_API_BASE, "http://127.0.0.1:9"
    assert "The payment provider isn&#x27;t responding." in payer.cancel()
    settings.PAYPAL_API_BASE = base
    paypal.approve(paypal.orders[payment.provider_id])
    payment.refresh_from_db()
    assert (payment.status, payment.requires_action) == ("processing", False)
    resume()
    payment.refresh_from_db()
    assert (payment.status, payment.is_canceled) == ("failed", True)
