from datetime import timedelta

import pytest
from django.utils import timezone

from apps.events.models import EventRecord
from apps.payments.exceptions import (
    AlreadyPaid,
    CardDeclined,
    IdempotencyKeyReused,
    InvoiceNotFound,
    InvoiceVoid,
    PaymentInProgress,
    ProviderUnavailable,
)
from apps.payments.gateways.sandbox.gateway import SandboxGateway
from apps.payments.models import Invoice, Payment, SandboxCharge
from apps.payments.services import payment_create, payments_resume
from apps.tournaments.models import Registration
from apps.tournaments.services import tournament_cancel, tournament_start
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def registration() -> Registration:
    return factories.register(factories.make_tournament(entry_fee=1000))


def cut_short(registration: Registration, monkeypatch: pytest.MonkeyPatch) -> Payment:
    """A payment whose process died while the provider was at it."""

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(SandboxGateway, "charge", power_cut)
        with pytest.raises(KeyboardInterrupt):
            factories.pay(registration, key="cut")
    return Payment.objects.get()


def age(payment: Payment) -> None:
    long_ago = timezone.now() - timedelta(minutes=5)
    Payment.objects.filter(pk=payment.pk).update(created_at=long_ago, asked_at=long_ago)


def test_a_paid_registration_is_confirmed(registration: Registration) -> None:
    factories.pay(registration)
    registration.refresh_from_db()
    assert registration.status == "confirmed"
    assert Invoice.objects.get().status == "paid"


def test_a_declined_card_confirms_nothing_and_another_one_may_pay(
    registration: Registration,
) -> None:
    with pytest.raises(CardDeclined):
        factories.pay(registration, "tok_declined", key="first")
    registration.refresh_from_db()
    assert registration.status == "pending_payment"
    factories.pay(registration, key="second")
    registration.refresh_from_db()
    assert registration.status == "confirmed"
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["failed", "succeeded"]


def test_the_same_request_again_gives_the_same_answer(registration: Registration) -> None:
    factories.pay(registration, key="k")
    factories.pay(registration, key="k")
    assert Payment.objects.count() == 1
    with pytest.raises(CardDeclined):
        factories.pay(factories.register(registration.tournament), "tok_declined", key="d")


def test_a_declined_request_again_is_declined_again(registration: Registration) -> None:
    for _ in range(2):
        with pytest.raises(CardDeclined):
            factories.pay(registration, "tok_declined", key="d")
    assert Payment.objects.count() == 1


def test_a_key_is_good_for_one_request(registration: Registration) -> None:
    factories.pay(registration, key="k")
    with pytest.raises(IdempotencyKeyReused):
        factories.pay(registration, "tok_mastercard", key="k")


def test_nobody_pays_twice(registration: Registration) -> None:
    factories.pay(registration, key="one")
    with pytest.raises(AlreadyPaid):
        factories.pay(registration, key="two")


def test_nobody_pays_for_somebody_else(registration: Registration) -> None:
    with pytest.raises(InvoiceNotFound):
        payment_create(
            payer=factories.make_user(),
            registration_id=registration.pk,
            method="STRIPE",
            source="tok_visa",
            idempotency_key="k",
        )


def test_a_payment_that_was_cut_short_holds_off_others(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_short(registration, monkeypatch)
    for key in ("cut", "other"):
        with pytest.raises(PaymentInProgress):
            factories.pay(registration, key=key)


def test_the_same_request_takes_up_what_was_cut_short(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(cut_short(registration, monkeypatch))
    factories.pay(registration, key="cut")
    assert Payment.objects.get().status == "succeeded"


def test_the_task_takes_up_what_was_cut_short_once(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = cut_short(registration, monkeypatch)
    assert payments_resume() == 0
    age(payment)
    assert payments_resume() == 1
    assert payments_resume() == 0
    assert EventRecord.objects.filter(name="payment.succeeded").count() == 1


def test_cancelling_gives_the_money_back_and_voids_what_is_owed(registration: Registration) -> None:
    paid = factories.register(registration.tournament)
    factories.pay(paid)
    tournament = registration.tournament
    tournament_cancel(tournament_id=tournament.pk, organizer=tournament.organizer)
    assert Payment.objects.get().status == "refunding"
    factories.send_refunds()
    assert Payment.objects.get().status == "refunded"
    assert set(Invoice.objects.values_list("status", flat=True)) == {"void"}
    with pytest.raises(InvoiceVoid):
        factories.pay(registration)


def test_a_payment_that_was_cut_short_before_the_cancellation_charges_nobody(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(cut_short(registration, monkeypatch))
    tournament = registration.tournament
    tournament_cancel(tournament_id=tournament.pk, organizer=tournament.organizer)
    payments_resume()
    assert Payment.objects.get().status == "failed"
    assert not SandboxCharge.objects.exists()


def test_a_payment_that_was_charged_before_the_cancellation_is_given_back(
    registration: Registration,
) -> None:
    with pytest.raises(ProviderUnavailable):
        factories.pay(registration, "tok_timeout")
    age(Payment.objects.get())
    tournament = registration.tournament
    tournament_cancel(tournament_id=tournament.pk, organizer=tournament.organizer)
    payments_resume()
    factories.send_refunds()
    assert Payment.objects.get().status == "refunded"
    assert not EventRecord.objects.filter(name="payment.succeeded").exists()
    registration.refresh_from_db()
    assert registration.status == "refunded"


def test_who_has_not_paid_is_out_when_it_starts(registration: Registration) -> None:
    tournament = registration.tournament
    for _ in range(2):
        factories.pay(factories.register(tournament))
    tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    registration.refresh_from_db()
    assert registration.status == "cancelled"
    assert registration.invoice.status == "void"
