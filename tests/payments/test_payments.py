from datetime import timedelta

import pytest
from django.utils import timezone

from apps.events.models import EventRecord
from apps.payments.exceptions import (
    InvoiceVoid,
    PaymentInProgress,
    ProviderUnavailable,
)
from apps.payments.gateways.sandbox.gateway import SandboxGateway
from apps.payments.models import Invoice, Payment, SandboxCharge
from apps.payments.services import payments_resume
from apps.tournaments.models import Registration
from apps.tournaments.services import tournament_cancel
from tests import factories

pytestmark = pytest.mark.django_db


def interrupt(registration: Registration, monkeypatch: pytest.MonkeyPatch) -> Payment:
    """A payment whose process died while it waited for the provider."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(SandboxGateway, "charge", die)
        with pytest.raises(KeyboardInterrupt):
            factories.pay(registration, key="interrupted")
    return Payment.objects.get()


def age(payment: Payment) -> None:
    long_ago = timezone.now() - timedelta(minutes=5)
    Payment.objects.filter(pk=payment.pk).update(created_at=long_ago, last_polled_at=long_ago)


def cancel(registration: Registration) -> None:
    tournament = registration.tournament
    tournament_cancel(tournament_id=tournament.pk, organizer=tournament.organizer)


def test_an_interrupted_payment_blocks_others(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(registration, monkeypatch)
    for key in ("interrupted", "other"):
        with pytest.raises(PaymentInProgress):
            factories.pay(registration, key=key)


def test_the_same_request_resumes_an_interrupted_payment(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(interrupt(registration, monkeypatch))
    factories.pay(registration, key="interrupted")
    assert Payment.objects.get().status == "succeeded"


def test_the_task_resumes_an_interrupted_payment_once(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = interrupt(registration, monkeypatch)
    assert payments_resume() == 0
    age(payment)
    assert payments_resume() == 1
    assert payments_resume() == 0
    assert EventRecord.objects.filter(name="payment.succeeded").count() == 1


def test_canceling_a_tournament_refunds_payments_and_voids_invoices(
    registration: Registration,
) -> None:
    factories.pay(factories.register(registration.tournament))
    cancel(registration)
    assert Payment.objects.get().status == "refunding"
    factories.send_refunds()
    assert Payment.objects.get().status == "refunded"
    assert set(Invoice.objects.values_list("status", flat=True)) == {"void"}
    with pytest.raises(InvoiceVoid):
        factories.pay(registration)


def test_a_payment_interrupted_before_its_charge_is_not_charged_after_a_cancellation(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(interrupt(registration, monkeypatch))
    cancel(registration)
    payments_resume()
    assert Payment.objects.get().status == "failed"
    assert not SandboxCharge.objects.exists()


def test_a_payment_charged_before_a_cancellation_is_refunded(registration: Registration) -> None:
    with pytest.raises(ProviderUnavailable):
        factories.pay(registration, "tok_timeout")
    age(Payment.objects.get())
    cancel(registration)
    payments_resume()
    factories.send_refunds()
    assert Payment.objects.get().status == "refunded"
    assert not EventRecord.objects.filter(name="payment.succeeded").exists()
    registration.refresh_from_db()
    assert registration.status == "refunded"
