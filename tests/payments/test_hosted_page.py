"""Payments on a provider's page, with the sandbox: approve, decline, cancel, return."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.payments.models import Payment, SandboxCharge
from apps.payments.services import payments_resume
from apps.payments.tasks import sandbox_deliver
from apps.tournaments.models import Registration
from apps.tournaments.services import registration_withdraw, tournaments_tick
from tests import factories
from tests.payments.hosted_page import is_confirmed, page, start

pytestmark = pytest.mark.django_db
OUTAGE = "tok_unavailable"
IN_PROGRESS = "A payment for this registration is in progress."


def poll_again_now() -> None:
    Payment.objects.update(last_polled_at=timezone.now() - timedelta(minutes=1))


def listed_status(payer: Client) -> str:
    """The status of the only payment on the user's page."""
    section = page(payer, "/me").partition('id="paid-title"')[2].partition("</section>")[0]
    [tag] = re.findall(r'<span class="tag"[^>]*>([^<]+)</span>', section)
    return str(tag)


def test_an_approved_payment_confirms_the_registration(
    payer: Client, registration: Registration
) -> None:
    payment = start(payer, registration)
    assert payment.approve_url in page(payer, f"/pay/{registration.pk}")
    assert "Approve" in page(payer, payment.approve_url)
    response = payer.post(payment.approve_url, {"outcome": "succeeded"}, follow=True)
    assert "Payment received." in response.content.decode()
    assert is_confirmed(registration)


def test_a_webhook_settles_an_approved_payment_if_the_payer_does_not_return(
    payer: Client, registration: Registration
) -> None:
    payer.post(start(payer, registration).approve_url, {"outcome": "succeeded"})
    assert not is_confirmed(registration)
    assert sandbox_deliver() == 1
    assert is_confirmed(registration)
    assert "Paid." in page(payer, f"/pay/{registration.pk}/back")


def test_the_tournament_page_links_to_a_payment_that_requires_action(
    payer: Client, registration: Registration
) -> None:
    start(payer, registration)
    assert f'href="/pay/{registration.pk}"' in page(
        payer, f"/tournaments/{registration.tournament_id}"
    )


def test_the_first_decision_on_the_sandbox_page_is_final(
    payer: Client, registration: Registration
) -> None:
    payment = start(payer, registration)
    for outcome in ("succeeded", "declined"):
        payer.post(payment.approve_url, {"outcome": outcome})
    assert "approved" in page(payer, payment.approve_url)
    assert SandboxCharge.objects.get().outcome == "succeeded"
    assert sandbox_deliver() == 1


@pytest.mark.parametrize("posted", [{}, {"outcome": "processing"}, {"outcome": "x" * 300}])
def test_an_invalid_decision_is_refused(
    payer: Client, registration: Registration, posted: dict[str, str]
) -> None:
    payment = start(payer, registration)
    assert payer.post(payment.approve_url, posted).status_code == 422
    assert SandboxCharge.objects.get().outcome == "processing"


def test_an_unknown_charge_has_no_sandbox_page(payer: Client) -> None:
    assert payer.get("/sandbox/pi_sandbox_unknown").status_code == 404


def test_a_canceled_payment_can_be_replaced_and_no_longer_approved(
    payer: Client, registration: Registration
) -> None:
    payment = start(payer, registration)
    response = payer.post(f"/pay/{registration.pk}/cancel", follow=True)
    assert "Payment canceled." in response.content.decode()
    assert 'name="token"' in response.content.decode()
    factories.pay(registration, key="another")
    assert is_confirmed(registration)
    payer.post(payment.approve_url, {"outcome": "succeeded"})
    assert SandboxCharge.objects.get(reference=payment.reference).outcome == "declined"


def test_a_canceled_payment_is_listed_as_canceled_also_after_its_webhook(
    payer: Client, registration: Registration
) -> None:
    payment = start(payer, registration)
    payer.post(f"/pay/{registration.pk}/cancel")
    assert listed_status(payer) == "Canceled"
    assert sandbox_deliver() == 1
    payment.refresh_from_db()
    assert payment.status == "failed"
    assert listed_status(payer) == "Canceled"


@pytest.mark.parametrize("settled_by", ["webhook", "return"])
def test_a_declined_payment_is_listed_as_failed(
    payer: Client, registration: Registration, settled_by: str
) -> None:
    payment = start(payer, registration)
    payer.post(payment.approve_url, {"outcome": "declined"})
    if settled_by == "webhook":
        assert sandbox_deliver() == 1
    else:
        page(payer, f"/pay/{registration.pk}/back")
    assert listed_status(payer) == "Failed"


def test_an_abandoned_payment_is_given_up(payer: Client, registration: Registration) -> None:
    payment = start(payer, registration)
    now = timezone.now()
    for minutes, status in ((19, "processing"), (21, "failed")):
        Payment.objects.update(created_at=now - timedelta(minutes=minutes))
        poll_again_now()
        assert payments_resume() == 1
        payment.refresh_from_db()
        assert payment.status == status
    assert listed_status(payer) == "Failed"
    assert SandboxCharge.objects.get().outcome == "declined"


def test_only_the_payers_pending_payment_can_be_canceled(registration: Registration) -> None:
    factories.pay(registration, "tok_slow")
    payment = Payment.objects.get()
    for user, status in ((registration.player, 409), (factories.make_user(), 404)):
        client = Client()
        client.force_login(user)
        response = client.post(f"/api/payments/{payment.pk}/cancel", "", "application/json")
        assert response.status_code == status
    payment.refresh_from_db()
    assert payment.status == "processing"


def test_a_replay_has_the_page_of_the_first_response(
    payer: Client, registration: Registration
) -> None:
    body = {"registration_id": registration.pk, "method": "PAYPAL"}
    headers = {"Idempotency-Key": "k"}
    responses = [
        payer.post("/api/payments/", body, "application/json", headers=headers) for _ in range(2)
    ]
    first, second = (response.json() for response in responses)
    assert first == second
    assert first["status"] == "processing"
    assert first["approve_url"].startswith("/sandbox/pi_sandbox_")
    canceled = payer.post(f"/api/payments/{first['id']}/cancel", "", "application/json").json()
    assert (canceled["status"], canceled["approve_url"]) == ("failed", None)
    assert payer.post("/api/payments/", body, "application/json", headers=headers).json() == first


def test_repeated_payments_do_not_extend_the_payment_window(
    payer: Client, registration: Registration
) -> None:
    start(payer, registration)
    Registration.objects.update(pay_until=timezone.now())
    payer.post(f"/pay/{registration.pk}/cancel")
    form = {"method": "STRIPE", "token": "", "key": "0b" * 16}
    response = payer.post(f"/pay/{registration.pk}", form)
    assert response.status_code == 409
    assert "The payment window for this spot has closed." in response.content.decode()
    assert tournaments_tick() == 1
    registration.refresh_from_db()
    assert registration.status == Registration.Status.EXPIRED


def test_a_stale_page_cancels_only_the_payment_that_it_shows(
    payer: Client, registration: Registration
) -> None:
    shown = start(payer, registration)
    assert f'name="payment" value="{shown.pk}"' in page(payer, f"/pay/{registration.pk}")
    payer.post(f"/pay/{registration.pk}/cancel", {"payment": shown.pk})
    assert "go through" in page(payer, f"/pay/{registration.pk}/back")
    payer.post(f"/pay/{registration.pk}", {"method": "PAYPAL", "token": "", "key": "0b" * 16})
    response = payer.post(f"/pay/{registration.pk}/cancel", {"payment": shown.pk}, follow=True)
    assert "go through" in response.content.decode()
    assert Payment.objects.get(method="PAYPAL").requires_action


def test_a_withdrawal_cancels_the_pending_payment(
    payer: Client, registration: Registration
) -> None:
    start(payer, registration)
    registration_withdraw(registration_id=registration.pk, player=registration.player)
    poll_again_now()
    assert payments_resume() == 1
    assert listed_status(payer) == "Canceled"


def test_a_payment_without_a_response_can_be_canceled_after_half_a_minute(
    payer: Client, registration: Registration
) -> None:
    form = {"method": "STRIPE", "token": OUTAGE, "key": "0c" * 16}
    assert payer.post(f"/pay/{registration.pk}", form).status_code == 503
    shown = page(payer, f"/pay/{registration.pk}/back")
    assert "Waiting for Stripe." in shown
    assert "go through" not in shown
    early = payer.post(f"/pay/{registration.pk}/cancel", follow=True)
    assert IN_PROGRESS in early.content.decode()
    poll_again_now()
    assert "Use another payment method" in page(payer, f"/pay/{registration.pk}")
    payer.post(f"/pay/{registration.pk}/cancel")
    assert listed_status(payer) == "Canceled"
    factories.pay(registration)
    assert is_confirmed(registration)


def test_a_repeated_request_does_not_charge_a_canceled_payment(
    payer: Client, registration: Registration
) -> None:
    body = {"registration_id": registration.pk, "method": "STRIPE", "token": OUTAGE}
    headers = {"Idempotency-Key": "k"}
    first = payer.post("/api/payments/", body, "application/json", headers=headers)
    assert first.status_code == 503
    poll_again_now()
    Payment.objects.update(canceled_at=timezone.now())
    again = payer.post("/api/payments/", body, "application/json", headers=headers)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "payment_in_progress")
    assert payments_resume() == 1
    assert Payment.objects.get().is_canceled
