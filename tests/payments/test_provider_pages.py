"""The pages of Stripe and PayPal: there, back, and what they tell though nobody comes back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.payments.models import Payment, Refund
from apps.payments.services import payments_resume, refund_create
from apps.tournaments.models import Registration
from apps.tournaments.services import (
    registration_withdraw,
    tournament_cancel,
)
from tests import factories
from tests.payments import event_helpers
from tests.payments.approving import is_paid, page, start
from tests.payments.doubles import served
from tests.payments.paypal_double import ID, SLOW, PayPalDouble
from tests.payments.paypal_double import SECRET as PAYPAL_SECRET
from tests.payments.stripe_double import DECLINED, KEY, StripeDouble
from tests.payments.stripe_double import SLOW as SLOW_CARD

pytestmark = pytest.mark.django_db
WEBHOOK_SECRET = "whsec_of_the_test"
SITE = "https://crown.example"


@pytest.fixture
def stripe(settings: Any) -> Iterator[StripeDouble]:
    double = StripeDouble()
    with served(double) as (base, _):
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, WEBHOOK_SECRET
        settings.STRIPE_API_BASE, settings.PUBLIC_URL = base, SITE
        yield double


@pytest.fixture
def paypal(settings: Any) -> Iterator[PayPalDouble]:
    double = PayPalDouble()
    with served(double) as (base, _):
        settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = ID, PAYPAL_SECRET
        settings.PAYPAL_API_BASE, settings.PUBLIC_URL = base, SITE
        yield double


def result_of(name: str, about: dict[str, Any]) -> Any:
    """Of Stripe's webhook."""
    event = event_helpers.stripe_event(name, about)
    return event_helpers.tell_stripe(event, secret=WEBHOOK_SECRET).json()["result"]


def test_a_card_that_is_declined_on_stripes_page_is_not_the_end(
    payer: Client, owed: Registration, stripe: StripeDouble
) -> None:
    payment = start(payer, owed)
    session = stripe.sessions[payment.provider_id]
    assert session["asked"]["success_url"] == f"{SITE}/pay/{owed.pk}/back"
    intent = stripe.pay(session, DECLINED)
    assert result_of("payment_intent.payment_failed", intent) == "applied"
    assert "waits for you at Stripe" in page(payer, f"/pay/{owed.pk}/back")
    stripe.pay(session, "tok_visa")
    assert "Paid: the seat is yours." in page(payer, f"/pay/{owed.pk}/back")
    assert is_paid(owed)


def test_stripes_webhook_alone_pays_as_well_and_the_charge_can_be_given_back(
    payer: Client, owed: Registration, stripe: StripeDouble
) -> None:
    payment = start(payer, owed)
    intent = stripe.pay(stripe.sessions[payment.provider_id], "tok_visa")
    assert result_of("payment_intent.succeeded", intent) == "applied"
    assert is_paid(owed)
    refund_create(payment_id=payment.pk)
    factories.send_refunds()
    assert intent["latest_charge"]["amount_refunded"] == 1250
    assert Refund.objects.get().status == "succeeded"


def test_a_new_address_of_ours_in_the_middle_of_a_payment_opens_no_second_page(
    payer: Client, owed: Registration, stripe: StripeDouble, settings: Any
) -> None:
    made = start(payer, owed)
    a_minute_ago = timezone.now() - timedelta(minutes=1)
    Payment.objects.update(status="created", provider_id="", approve_url="", asked_at=a_minute_ago)
    settings.PUBLIC_URL = "https://crown.new.example"
    assert payments_resume() == 1
    payment = Payment.objects.get()
    assert payment.waits_for_payer
    assert (payment.provider_id, payment.approve_url) == (made.provider_id, made.approve_url)
    assert len(stripe.sessions) == 1


def test_a_page_of_stripes_that_ran_out_frees_the_way(
    payer: Client, owed: Registration, stripe: StripeDouble
) -> None:
    payment = start(payer, owed)
    expired = stripe.sessions[payment.provider_id]
    assert result_of("checkout.session.expired", expired) == "applied"
    payment.refresh_from_db()
    assert payment.status == "failed"
    assert 'name="method"' in page(payer, f"/pay/{owed.pk}")


def test_a_capture_that_takes_its_time_waits_for_the_payer_no_more(
    payer: Client, owed: Registration, paypal: PayPalDouble
) -> None:
    payment = start(payer, owed, "PAYPAL")
    order = paypal.orders[payment.provider_id]
    paypal.approve(order)
    order["source"] = SLOW
    assert "The provider is at it" in page(payer, f"/pay/{owed.pk}/back")
    payment.refresh_from_db()
    assert (payment.status, payment.approve_url) == ("processing", "")
    assert "Your payment is under way" in (again := page(payer, f"/pay/{owed.pk}/back"))
    assert "That payment is over" not in again


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_what_is_owed_no_more_is_called_off_and_not_charged(
    payer: Client, owed: Registration, paypal: PayPalDouble, is_cancelled: bool
) -> None:
    payment = start(payer, owed, "PAYPAL")
    paypal.approve(paypal.orders[payment.provider_id])
    tournament = owed.tournament
    if is_cancelled:
        tournament_cancel(tournament_id=tournament.pk, organizer=tournament.organizer)
    else:
        registration_withdraw(registration_id=owed.pk, player=owed.player)
    assert "There is nothing to pay any more." in page(payer, f"/pay/{owed.pk}/back")
    api = payer.get(f"/api/payments/{payment.pk}").json()
    assert (api["status"], api["approve_url"]) == ("processing", None)
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert payments_resume() == 1
    payment.refresh_from_db()
    assert payment.status == "failed"
    assert "payments" not in paypal.orders[payment.provider_id]["purchase_units"][0]


def test_what_is_called_off_while_the_provider_is_silent_is_so_when_it_speaks_again(
    payer: Client, owed: Registration, paypal: PayPalDouble, settings: Any
) -> None:
    payment = start(payer, owed, "PAYPAL")
    speaks, settings.PAYPAL_API_BASE = settings.PAYPAL_API_BASE, "http://127.0.0.1:9"
    silent = payer.post(f"/pay/{owed.pk}/cancel", follow=True)
    assert "The payment provider does not answer." in silent.content.decode()
    settings.PAYPAL_API_BASE = speaks
    paypal.approve(paypal.orders[payment.provider_id])
    payment.refresh_from_db()
    assert (payment.status, payment.waits_for_payer) == ("processing", False)
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert payments_resume() == 1
    payment.refresh_from_db()
    assert (payment.status, payment.called_off) == ("failed", True)


def test_what_is_on_its_way_already_is_not_called_off(
    payer: Client, owed: Registration, stripe: StripeDouble
) -> None:
    payment = start(payer, owed)
    intent = stripe.pay(stripe.sessions[payment.provider_id], SLOW_CARD)
    refused = payer.post(f"/api/payments/{payment.pk}/cancel", content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "payment_in_progress")
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert payments_resume() == 1
    intent["status"] = "succeeded"
    assert result_of("payment_intent.succeeded", intent) == "applied"
    assert is_paid(owed)


def test_paypals_page_is_the_way_to_a_seat(
    payer: Client, owed: Registration, paypal: PayPalDouble
) -> None:
    payment = start(payer, owed, "PAYPAL")
    assert "waits for you at PayPal" in page(payer, f"/pay/{owed.pk}/back")
    paypal.approve(paypal.orders[payment.provider_id])
    assert "Paid: the seat is yours." in page(payer, f"/pay/{owed.pk}/back")
    assert is_paid(owed)


def test_an_approval_is_captured_though_the_buyer_never_comes_back(
    payer: Client, owed: Registration, paypal: PayPalDouble
) -> None:
    payment = start(payer, owed, "PAYPAL")
    paypal.approve(paypal.orders[payment.provider_id])
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert payments_resume() == 1
    assert is_paid(owed)
