"""Payments for which the provider asks on a page of its own: there, back, and called off."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.payments.models import Payment, SandboxCharge
from apps.payments.services import payments_resume
from apps.payments.tasks import sandbox_deliver
from apps.tournaments.models import Registration
from apps.tournaments.services import (
    registration_withdraw,
    tournaments_tick,
)
from tests import factories
from tests.payments.approving import is_paid, page, start

pytestmark = pytest.mark.django_db
SILENT = "tok_unavailable"


@pytest.mark.parametrize("method", ["STRIPE", "PAYPAL"])
def test_the_sandbox_asks_and_who_approves_has_paid(
    payer: Client, owed: Registration, method: str
) -> None:
    payment = start(payer, owed, method)
    assert payment.approve_url in page(payer, f"/pay/{owed.pk}")
    assert "Approve" in page(payer, payment.approve_url)
    answer = payer.post(payment.approve_url, {"outcome": "succeeded"}, follow=True)
    assert "Paid: the seat is yours." in answer.content.decode()
    assert is_paid(owed)


def test_a_webhook_tells_of_it_though_the_payer_never_comes_back(
    payer: Client, owed: Registration
) -> None:
    payer.post(start(payer, owed).approve_url, {"outcome": "succeeded"})
    assert not is_paid(owed)
    assert sandbox_deliver() == 1
    assert is_paid(owed)
    assert "This is paid." in page(payer, f"/pay/{owed.pk}/back")


def test_the_tournaments_page_leads_to_a_payment_that_waits(
    payer: Client, owed: Registration
) -> None:
    start(payer, owed)
    told = page(payer, f"/tournaments/{owed.tournament_id}")
    assert "Your payment waits for you" in told
    assert f'href="/pay/{owed.pk}"' in told


def test_who_declines_there_may_pay_in_another_way(payer: Client, owed: Registration) -> None:
    payment = start(payer, owed)
    answer = payer.post(payment.approve_url, {"outcome": "declined"}, follow=True)
    assert "Try to pay in another way." in answer.content.decode()
    factories.pay(owed)
    assert is_paid(owed)


def test_who_says_so_twice_has_said_it_once(payer: Client, owed: Registration) -> None:
    payment = start(payer, owed)
    for outcome in ("succeeded", "declined"):
        payer.post(payment.approve_url, {"outcome": outcome})
    assert "This payment is over: it was approved." in page(payer, payment.approve_url)
    assert SandboxCharge.objects.get().outcome == "succeeded"
    assert sandbox_deliver() == 1


@pytest.mark.parametrize("posted", [{}, {"outcome": "processing"}, {"outcome": "x" * 300}])
def test_what_is_no_decision_decides_nothing(
    payer: Client, owed: Registration, posted: dict[str, str]
) -> None:
    payment = start(payer, owed)
    assert payer.post(payment.approve_url, posted).status_code == 422
    assert SandboxCharge.objects.get().outcome == "processing"


def test_a_charge_that_nobody_made_has_no_page(payer: Client) -> None:
    assert payer.get("/sandbox/pi_sandbox_nobody").status_code == 404


def test_who_called_it_off_pays_in_another_way(payer: Client, owed: Registration) -> None:
    payment = start(payer, owed)
    answer = payer.post(f"/pay/{owed.pk}/cancel", follow=True)
    assert "That payment is called off." in answer.content.decode()
    assert 'name="token"' in answer.content.decode()
    factories.pay(owed, key="another")
    assert is_paid(owed)
    payer.post(payment.approve_url, {"outcome": "succeeded"})
    assert SandboxCharge.objects.get(reference=payment.reference).outcome == "declined"


def listed(payer: Client) -> str:
    """How my page has the payment ended."""
    shown = page(payer, "/me").partition('id="paid-title"')[2]
    tags = re.findall(r'<span class="tag"[^>]*>([^<]+)</span>', shown.partition("</section>")[0])
    assert len(tags) == 1
    return str(tags[0])


@pytest.mark.parametrize("method", ["STRIPE", "PAYPAL"])
def test_what_is_called_off_is_told_from_what_is_declined(
    payer: Client, owed: Registration, method: str
) -> None:
    payment = start(payer, owed, method)
    payer.post(f"/pay/{owed.pk}/cancel")
    assert listed(payer) == "Called off"
    assert sandbox_deliver() == 1  # and the provider's word for it comes after
    payment.refresh_from_db()
    assert payment.status == "failed"
    assert listed(payer) == "Called off"


@pytest.mark.parametrize("told_by", ["webhook", "payer"])
def test_what_is_declined_has_failed(payer: Client, owed: Registration, told_by: str) -> None:
    payment = start(payer, owed)
    payer.post(payment.approve_url, {"outcome": "declined"})
    if told_by == "webhook":
        assert sandbox_deliver() == 1
    else:
        page(payer, f"/pay/{owed.pk}/back")
    assert listed(payer) == "Failed"


def test_who_never_comes_back_is_given_up(payer: Client, owed: Registration) -> None:
    payment = start(payer, owed)
    long_ago = timezone.now() - timedelta(hours=1)
    for created, status in ((payment.created_at, "processing"), (long_ago, "failed")):
        Payment.objects.update(asked_at=long_ago, created_at=created)
        assert payments_resume() == 1
        payment.refresh_from_db()
        assert payment.status == status
    assert listed(payer) == "Failed"
    assert SandboxCharge.objects.get().outcome == "declined"


def test_nothing_is_called_off_that_does_not_wait_or_is_not_theirs(owed: Registration) -> None:
    factories.pay(owed, "tok_slow")
    payment = Payment.objects.get()
    for user, status in ((owed.player, 409), (factories.make_user(), 404)):
        client = Client()
        client.force_login(user)
        answer = client.post(f"/api/payments/{payment.pk}/cancel", content_type="application/json")
        assert answer.status_code == status
    payment.refresh_from_db()
    assert payment.status == "processing"


def test_the_same_key_is_answered_with_the_same_page(payer: Client, owed: Registration) -> None:
    body = {"registration_id": owed.pk, "method": "PAYPAL"}
    once = {"Idempotency-Key": "once"}
    answers = [
        payer.post("/api/payments/", body, "application/json", headers=once) for _ in range(2)
    ]
    first, second = (answer.json() for answer in answers)
    assert first == second
    assert first["status"] == "processing"
    assert first["approve_url"].startswith("/sandbox/pi_sandbox_")
    cancelled = payer.post(
        f"/api/payments/{first['id']}/cancel", content_type="application/json"
    ).json()
    assert (cancelled["status"], cancelled["approve_url"]) == ("failed", None)
    assert payer.post("/api/payments/", body, "application/json", headers=once).json() == first


def test_a_seat_is_not_held_by_paying_anew_again_and_again(
    payer: Client, owed: Registration
) -> None:
    start(payer, owed)
    Registration.objects.update(pay_until=timezone.now())
    payer.post(f"/pay/{owed.pk}/cancel")
    answer = payer.post(f"/pay/{owed.pk}", {"method": "STRIPE", "token": "", "key": "0b" * 16})
    assert answer.status_code == 409
    assert "is over" in answer.content.decode()
    assert tournaments_tick() == 1
    owed.refresh_from_db()
    assert owed.status == Registration.Status.EXPIRED


def test_who_comes_back_to_what_was_called_off_is_told(payer: Client, owed: Registration) -> None:
    start(payer, owed)
    payer.post(f"/pay/{owed.pk}/cancel")
    payer.get(f"/pay/{owed.pk}")
    assert "That payment is over" in page(payer, f"/pay/{owed.pk}/back")


def test_a_page_that_was_left_open_calls_off_the_payment_that_it_shows(
    payer: Client, owed: Registration
) -> None:
    shown = start(payer, owed)
    form = f'name="payment" value="{shown.pk}"'
    assert form in page(payer, f"/pay/{owed.pk}")
    payer.post(f"/pay/{owed.pk}/cancel", {"payment": shown.pk})
    payer.post(f"/pay/{owed.pk}", {"method": "PAYPAL", "token": "", "key": "0b" * 16})
    answer = payer.post(f"/pay/{owed.pk}/cancel", {"payment": shown.pk}, follow=True)
    assert "That payment is over" in answer.content.decode()
    assert Payment.objects.get(method="PAYPAL").waits_for_payer


def test_a_payment_whose_seat_was_given_up_is_called_off_too(
    payer: Client, owed: Registration
) -> None:
    start(payer, owed)
    registration_withdraw(registration_id=owed.pk, player=owed.player)
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert payments_resume() == 1
    assert listed(payer) == "Called off"


def test_who_is_not_answered_can_pay_in_another_way(payer: Client, owed: Registration) -> None:
    posted = {"method": "STRIPE", "token": SILENT, "key": "0c" * 16}
    assert payer.post(f"/pay/{owed.pk}", posted).status_code == 503
    at_once = payer.post(f"/pay/{owed.pk}/cancel", follow=True)
    assert "A payment for this registration is under way." in at_once.content.decode()
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert "Pay in another way" in page(payer, f"/pay/{owed.pk}")
    payer.post(f"/pay/{owed.pk}/cancel")
    assert listed(payer) == "Called off"
    factories.pay(owed)
    assert is_paid(owed)


def test_who_comes_back_to_a_payment_that_is_not_answered_is_not_told_that_it_is_over(
    payer: Client, owed: Registration
) -> None:
    payer.post(f"/pay/{owed.pk}", {"method": "STRIPE", "token": SILENT, "key": "0c" * 16})
    shown = page(payer, f"/pay/{owed.pk}/back")
    assert "Stripe has not answered yet." in shown
    assert "over" not in shown.partition("<main")[2].partition("</main>")[0]


def test_asked_again_under_its_key_a_payment_that_is_called_off_is_not_charged(
    payer: Client, owed: Registration
) -> None:
    body = {"registration_id": owed.pk, "method": "STRIPE", "token": SILENT}
    once = {"Idempotency-Key": "once"}
    assert payer.post("/api/payments/", body, "application/json", headers=once).status_code == 503
    a_minute_ago = timezone.now() - timedelta(minutes=1)
    Payment.objects.update(asked_at=a_minute_ago, called_off_at=a_minute_ago)
    again = payer.post("/api/payments/", body, "application/json", headers=once)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "payment_in_progress")
    assert payments_resume() == 1
    assert Payment.objects.get().called_off


def test_a_replay_names_the_page_though_the_payment_waits_there_no_more(
    payer: Client, owed: Registration
) -> None:
    body = {"registration_id": owed.pk, "method": "PAYPAL"}
    once = {"Idempotency-Key": "once"}
    first = payer.post("/api/payments/", body, "application/json", headers=once).json()
    Payment.objects.update(called_off_at=timezone.now())
    assert payer.post("/api/payments/", body, "application/json", headers=once).json() == first
