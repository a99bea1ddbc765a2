"""Payments on a provider's page, with the sandbox: approve, decline, cancel, return."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.payments.models import Payment, SandboxCharge
from apps.payments.services import payments_resume
from apps.payments.tasks import sandbox_deliver
from apps.tournaments.models import Registration
from apps.tournaments.services import tournaments_tick
from tests import factories
from tests.payments.event_helpers import poll_again_now
from tests.payments.payer import Payer

pytestmark = pytest.mark.django_db
OUTAGE = "tok_unavailable"


def test_an_approved_payment_confirms_the_registration(payer: Payer) -> None:
    payment = payer.start()
    assert f'href="{payer.url}"' in payer.page(f"/tournaments/{payer.registration.tournament_id}")
    assert payment.approve_url in payer.page()
    assert "Approve" in payer.page(payment.approve_url)
    response = payer.client.post(payment.approve_url, {"outcome": "succeeded"}, follow=True)
    assert "Payment received." in response.content.decode()
    assert payer.is_confirmed()


def test_the_first_decision_is_final_and_its_webhook_settles_the_payment(payer: Payer) -> None:
    payment = payer.start()
    for outcome in ("succeeded", "declined"):
        payer.client.post(payment.approve_url, {"outcome": outcome})
    assert "approved" in payer.page(payment.approve_url)
    assert not payer.is_confirmed()
    assert sandbox_deliver() == 1
    assert payer.is_confirmed()
    assert "Paid." in payer.back()


@pytest.mark.parametrize("posted", [{}, {"outcome": "processing"}, {"outcome": "x" * 300}])
def test_an_invalid_decision_is_refused(payer: Payer, posted: dict[str, str]) -> None:
    payment = payer.start()
    assert payer.client.post(payment.approve_url, posted).status_code == 422
    assert SandboxCharge.objects.get().outcome == "processing"


def test_a_canceled_payment_can_be_replaced_and_no_longer_approved(payer: Payer) -> None:
    payment = payer.start()
    page = payer.cancel()
    assert "Payment canceled." in page
    assert 'name="token"' in page
    factories.pay(payer.registration, key="another")
    assert payer.is_confirmed()
    payer.client.post(payment.approve_url, {"outcome": "succeeded"})
    assert SandboxCharge.objects.get(reference=payment.reference).outcome == "declined"


def test_a_canceled_payment_is_listed_as_canceled_also_after_its_webhook(payer: Payer) -> None:
    payer.start()
    payer.cancel()
    assert payer.listed_status() == "Canceled"
    assert sandbox_deliver() == 1
    assert Payment.objects.get().status == "failed"
    assert payer.listed_status() == "Canceled"


@pytest.mark.parametrize("settle", [lambda _: sandbox_deliver(), Payer.back])
def test_a_declined_payment_is_listed_as_failed(payer: Payer, settle: Any) -> None:
    payer.client.post(payer.start().approve_url, {"outcome": "declined"})
    settle(payer)
    assert payer.listed_status() == "Failed"


def test_an_abandoned_payment_is_given_up(payer: Payer) -> None:
    payer.start()
    now = timezone.now()
    for minutes, status in ((19, "processing"), (21, "failed")):
        Payment.objects.update(created_at=now - timedelta(minutes=minutes))
        poll_again_now()
        assert payments_resume() == 1
        assert Payment.objects.get().status == status
    assert payer.listed_status() == "Failed"
    assert SandboxCharge.objects.get().outcome == "declined"


def test_only_the_payers_pending_payment_can_be_canceled(payer: Payer) -> None:
    payment = factories.pay(payer.registration, "tok_slow")
    assert payer.send(f"{payment.pk}/cancel").status_code == 409
    payer.client.force_login(factories.make_user())
    assert payer.send(f"{payment.pk}/cancel").status_code == 404
    assert Payment.objects.get().status == "processing"


def test_a_replay_has_the_page_of_the_first_response(payer: Payer) -> None:
    body = {"registration_id": payer.registration.pk, "method": "PAYPAL"}
    first = payer.send("", body, "k").json()
    assert payer.send("", body, "k").json() == first
    assert first["status"] == "processing"
    assert first["approve_url"].startswith("/sandbox/pi_sandbox_")
    canceled = payer.send(f"{first['id']}/cancel").json()
    assert (canceled["status"], canceled["approve_url"]) == ("failed", None)
    assert payer.send("", body, "k").json() == first


def test_repeated_payments_do_not_extend_the_payment_window(payer: Payer) -> None:
    payer.start()
    Registration.objects.update(pay_until=timezone.now())
    payer.cancel()
    response = payer.pay("", key="0b" * 16)
    assert response.status_code == 409
    assert "The payment window for this spot has closed." in response.content.decode()
    assert tournaments_tick() == 1
    payer.registration.refresh_from_db()
    assert payer.registration.status == Registration.Status.EXPIRED


def test_a_stale_page_cancels_only_the_payment_that_it_shows(payer: Payer) -> None:
    shown = payer.start()
    assert f'name="payment" value="{shown.pk}"' in payer.page()
    payer.cancel(payment=shown.pk)
    assert "go through" in payer.back()
    payer.start("PAYPAL")
    assert "go through" in payer.cancel(payment=shown.pk)
    assert Payment.objects.get(method="PAYPAL").requires_action


def test_a_payment_without_a_response_can_be_canceled_after_half_a_minute(payer: Payer) -> None:
    assert payer.pay(OUTAGE).status_code == 503
    shown = payer.back()
    assert "Waiting for Stripe." in shown
    for action in ('name="token"', "go through"):
        assert action not in shown
    assert payer.pay().status_code == 409
    assert "A payment for this registration is in progress." in payer.cancel()
    poll_again_now()
    assert "Use another payment method" in payer.page()
    payer.cancel()
    assert payer.listed_status() == "Canceled"
    factories.pay(payer.registration)
    assert payer.is_confirmed()


def test_a_repeated_request_does_not_charge_a_canceled_payment(payer: Payer) -> None:
    body = {"registration_id": payer.registration.pk, "method": "STRIPE", "token": OUTAGE}
    assert payer.send("", body, "k").status_code == 503
    poll_again_now()
    Payment.objects.update(canceled_at=timezone.now())
    again = payer.send("", body, "k")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "payment_in_progress")
    assert payments_resume() == 1
    assert Payment.objects.get().is_canceled
