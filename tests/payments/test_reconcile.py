"""Discrepancies between provider, payments and ledger, each made by changing one of the three."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from apps.payments.exceptions import CardDeclined
from apps.payments.gateways.base import Outcome, ProviderError, ProviderResult, ProviderTransaction
from apps.payments.gateways.sandbox.gateway import SandboxGateway
from apps.payments.models import Payment, Refund, SandboxCharge, SandboxRefund
from apps.payments.services import (
    coins_transfer,
    invoice_void,
    reconcile,
    refund_send,
    wallet_issuer,
    wallet_of,
)
from apps.payments.services.refunds import refund_settle
from apps.payments.tasks import reconcile as reconcile_task
from tests import factories, samples
from tests.api.served import Served

pytestmark = pytest.mark.django_db


def pay() -> Payment:
    registration = factories.register(factories.make_tournament(entry_fee=1000))
    return factories.pay(registration)


@pytest.fixture
def payment() -> Payment:
    """Older than the delay of the provider's report."""
    payment = pay()
    pass_report_delay()
    return payment


def pass_report_delay() -> None:
    Payment.objects.update(status_changed_at=timezone.now() - timedelta(minutes=10))


def refund(payment: Payment, amount: int) -> None:
    factories.refund(payment, amount)
    pass_report_delay()


def test_charges_declines_and_refunds_agree(payment: Payment) -> None:
    with pytest.raises(CardDeclined):
        factories.pay(factories.register(payment.invoice.registration.tournament), "tok_declined")
    refund(pay(), 1000)
    refund(pay(), 300)
    assert reconcile("STRIPE") == {}
    assert reconcile("PAYPAL") == {}


@pytest.mark.parametrize(
    ("status", "charge", "kinds"),
    [
        ("succeeded", {"amount": 999}, {"amount": 1}),
        ("succeeded", {"currency": "USD"}, {"amount": 1}),
        ("succeeded", {"outcome": "declined"}, {"status": 1}),
        ("succeeded", {"method": "PAYPAL"}, {"missing_there": 1}),
        ("failed", {"outcome": "succeeded"}, {"status": 1, "ledger": 1}),
        ("failed", {"outcome": "declined"}, {"ledger": 1}),
    ],
)
def test_a_different_charge_is_reported(
    payment: Payment, status: str, charge: dict[str, Any], kinds: dict[str, int]
) -> None:
    Payment.objects.update(status=status)
    SandboxCharge.objects.update(**charge)
    assert reconcile("STRIPE") == kinds


def test_a_charge_without_a_payment_is_reported(payment: Payment) -> None:
    SandboxCharge.objects.create(
        method="STRIPE",
        reference="00000000-0000-0000-0000-000000000001",
        provider_id="pi_unknown",
        amount=1,
        currency="EUR",
        outcome="succeeded",
        settles_at=timezone.now(),
    )
    assert reconcile("STRIPE") == {"missing_here": 1}


def age(payment: Payment, days: int) -> None:
    long_ago = timezone.now() - timedelta(days=days)
    Payment.objects.filter(pk=payment.pk).update(created_at=long_ago)
    SandboxCharge.objects.filter(reference=payment.reference).update(created_at=long_ago)


def test_a_different_refund_of_an_old_payment_is_reported(payment: Payment) -> None:
    age(payment, days=29)
    refund(payment, 300)
    assert reconcile("STRIPE") == {}
    SandboxRefund.objects.update(amount=F("amount") + 1)
    assert reconcile("STRIPE") == {"refunds": 1}


def test_a_payment_unchanged_for_two_days_is_not_compared(payment: Payment) -> None:
    age(payment, days=3)
    Payment.objects.update(status_changed_at=timezone.now() - timedelta(days=3))
    SandboxCharge.objects.update(amount=999)
    assert reconcile("STRIPE") == {}


def test_open_and_recent_payments_are_not_compared() -> None:
    payment = pay()
    SandboxCharge.objects.update(amount=999)
    assert reconcile("STRIPE") == {}
    Payment.objects.filter(pk=payment.pk).update(status="processing")
    pass_report_delay()
    assert reconcile("STRIPE") == {}


@pytest.fixture
def periods(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The days of each report that is requested."""
    days: list[int] = []
    list_transactions = SandboxGateway.list_transactions

    def spy(self: SandboxGateway, start: datetime, end: datetime) -> Iterator[ProviderTransaction]:
        days.append((end - start).days)
        return list_transactions(self, start, end)

    monkeypatch.setattr(SandboxGateway, "list_transactions", spy)
    return days


def test_the_report_starts_with_the_oldest_payment_and_covers_two_days(
    payment: Payment, periods: list[int]
) -> None:
    reconcile("STRIPE")
    age(payment, days=9)
    reconcile("STRIPE")
    assert periods == [2, 9]


@pytest.mark.parametrize(("limit", "days"), [(5_000, 31), (1, 9)])
def test_the_report_covers_at_most_thirty_days_and_a_number_of_payments(
    payment: Payment, periods: list[int], monkeypatch: pytest.MonkeyPatch, limit: int, days: int
) -> None:
    module = import_module(reconcile.__module__)  # the package exports a function of that name
    monkeypatch.setattr(module, "MAX_PAYMENTS", limit)
    pay()
    pass_report_delay()
    age(payment, days=days)
    SandboxCharge.objects.filter(reference=payment.reference).update(amount=999)
    assert reconcile("STRIPE") == {}
    assert periods == [2]


def test_a_rejected_refund_that_is_due_is_reported_at_any_age(
    payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    declined = ProviderResult(outcome=Outcome.DECLINED)
    monkeypatch.setattr(SandboxGateway, "refund", lambda *_: declined)
    invoice_void(registration_id=payment.invoice.registration_id, refund=True)
    refund_send(refund_id=Refund.objects.get().pk)
    long_ago = timezone.now() - timedelta(days=90)
    Payment.objects.update(created_at=long_ago, status_changed_at=long_ago)
    SandboxCharge.objects.update(created_at=long_ago)
    assert reconcile("STRIPE") == {"refund_failed": 1}


def test_a_reversed_refund_is_reported_until_it_is_repeated(payment: Payment) -> None:
    refund(payment, 1000)
    reversed_refund = Refund.objects.get()
    declined = ProviderResult(outcome=Outcome.DECLINED, provider_id=reversed_refund.provider_id)
    refund_settle(refund_id=reversed_refund.pk, result=declined)
    SandboxRefund.objects.all().delete()
    pass_report_delay()
    assert reconcile("STRIPE") == {"refund_failed": 1}
    refund(payment, 1000)
    assert reconcile("STRIPE") == {}


def test_coins_are_not_compared(payment: Payment) -> None:
    coins_transfer(
        key="prize:1", source=wallet_issuer(), destination=wallet_of(payment.payer), coins=50
    )
    assert reconcile("STRIPE") == {}


def test_a_process_that_has_not_reconciled_exports_no_series(server: Served) -> None:
    assert server.value("payments_disagreements", kind="amount") is None


def test_the_task_exports_discrepancies_by_kind(payment: Payment) -> None:
    SandboxCharge.objects.update(amount=999)
    assert reconcile_task() == 1
    assert samples.value("payments_disagreements", kind="amount") == 1
    assert samples.value("payments_disagreements", kind="status") == 0
    assert (samples.value("payments_reconciled_timestamp_seconds") or 0) > 1e9
    SandboxCharge.objects.update(amount=1000)
    assert reconcile_task() == 0
    assert samples.value("payments_disagreements", kind="amount") == 0


def test_a_failed_report_fails_the_task_and_keeps_the_metrics(
    payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    SandboxCharge.objects.update(amount=999)
    reconcile_task()

    def time_out(*_: object) -> None:
        raise ProviderError("timeout")

    monkeypatch.setattr(SandboxGateway, "list_transactions", time_out)
    with pytest.raises(ProviderError):
        reconcile_task()
    assert samples.value("payments_disagreements", kind="amount") == 1
