"""Provider, payments and ledger are compared as somebody from outside would: by what each has."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from apps.payments.gateways.base import Answer, Entry, Outcome, Unavailable
from apps.payments.gateways.sandbox.gateway import SandboxGateway
from apps.payments.models import Payment, Refund, SandboxCharge, SandboxRefund, Transfer
from apps.payments.services import (
    coins_transfer,
    invoice_void,
    reconcile,
    refund_create,
    refund_send,
    wallet_issuer,
    wallet_of,
)
from apps.payments.services.money import book_charge
from apps.payments.services.refunds import refund_settle
from apps.payments.tasks import reconcile as reconcile_task
from tests import factories, samples
from tests.api.served import ROOT

pytestmark = pytest.mark.django_db


def paid() -> Payment:
    registration = factories.register(factories.make_tournament(entry_fee=1000))
    factories.pay(registration)
    return Payment.objects.get(invoice__registration=registration)


@pytest.fixture
def payment() -> Payment:
    payment = paid()
    settle_down()
    return payment


def settle_down() -> None:
    """As if the provider had had the time to write its book."""
    Payment.objects.update(changed_at=timezone.now() - timedelta(minutes=10))


def give_back(payment: Payment, amount: int) -> None:
    refund_send(refund_id=refund_create(payment_id=payment.pk, amount=amount).pk)
    settle_down()


def test_what_went_as_it_should_agrees(payment: Payment) -> None:
    with pytest.raises(Exception, match="declined"):
        factories.pay(factories.register(payment.invoice.registration.tournament), "tok_declined")
    for other, amount in ((paid(), 1000), (paid(), 300)):
        give_back(other, amount)
    settle_down()
    assert reconcile("STRIPE") == {}
    assert reconcile("PAYPAL") == {}


@pytest.mark.parametrize(
    ("charge", "kind"),
    [
        ({"amount": 999}, "amount"),
        ({"currency": "USD"}, "amount"),
        ({"outcome": "declined"}, "status"),
        ({"method": "PAYPAL"}, "missing_there"),
    ],
)
def test_another_charge_than_ours_is_found(
    payment: Payment, charge: dict[str, Any], kind: str
) -> None:
    SandboxCharge.objects.update(**charge)
    assert reconcile("STRIPE") == {kind: 1}


def test_a_charge_that_we_said_had_failed_is_found(payment: Payment) -> None:
    Payment.objects.update(status="failed")
    assert reconcile("STRIPE") == {"status": 1, "ledger": 1}


def test_a_charge_that_we_know_nothing_of_is_found(payment: Payment) -> None:
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


def test_a_refund_that_only_one_of_us_has_is_found(payment: Payment) -> None:
    give_back(payment, 300)
    SandboxRefund.objects.update(amount=F("amount") + 1)
    assert reconcile("STRIPE") == {"refunds": 1}


def began(payment: Payment, days: int) -> None:
    long_ago = timezone.now() - timedelta(days=days)
    Payment.objects.filter(pk=payment.pk).update(created_at=long_ago)
    SandboxCharge.objects.filter(reference=payment.reference).update(created_at=long_ago)


def test_what_went_back_today_of_an_old_payment_is_compared(payment: Payment) -> None:
    began(payment, days=29)
    give_back(payment, 300)
    assert reconcile("STRIPE") == {}
    SandboxRefund.objects.update(amount=F("amount") + 1)
    assert reconcile("STRIPE") == {"refunds": 1}


def test_what_came_to_rest_more_than_two_days_ago_is_not(payment: Payment) -> None:
    began(payment, days=3)
    Payment.objects.update(changed_at=timezone.now() - timedelta(days=3))
    SandboxCharge.objects.update(amount=999)
    assert reconcile("STRIPE") == {}


@pytest.fixture
def books_read(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """From how long ago on, of each."""
    read: list[timedelta] = []
    book = SandboxGateway.book

    def seen(self: SandboxGateway, start: datetime, end: datetime) -> Iterator[Entry]:
        read.append(end - start)
        return book(self, start, end)

    monkeypatch.setattr(SandboxGateway, "book", seen)
    return read


def test_the_book_is_read_from_the_oldest_on_and_two_days_at_least(
    payment: Payment, books_read: list[timedelta]
) -> None:
    reconcile("STRIPE")
    began(payment, days=9)
    reconcile("STRIPE")
    assert [length.days for length in books_read] == [2, 9]


@pytest.mark.parametrize(("most", "days"), [(5_000, 31), (1, 9)])
def test_beyond_thirty_days_or_so_many_payments_the_book_is_not_read(
    payment: Payment,
    books_read: list[timedelta],
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    days: int,
) -> None:
    module = import_module(reconcile.__module__)  # the package names the function alike
    monkeypatch.setattr(module, "MOST_PAYMENTS", most)
    paid()
    settle_down()
    began(payment, days=days)
    SandboxCharge.objects.filter(reference=payment.reference).update(amount=999)
    assert reconcile("STRIPE") == {}
    assert [length.days for length in books_read] == [2]


def test_a_ledger_that_has_what_was_never_charged_is_found(payment: Payment) -> None:
    Payment.objects.update(status="failed")
    SandboxCharge.objects.update(outcome="declined")
    assert reconcile("STRIPE") == {"ledger": 1}


def test_booking_twice_books_once(payment: Payment) -> None:
    book_charge(payment)
    assert Transfer.objects.filter(payment=payment).count() == 1
    assert reconcile("STRIPE") == {}


def test_money_that_is_owed_and_was_refused_is_found_however_old(
    payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SandboxGateway, "refund", lambda *_: Answer(outcome=Outcome.DECLINED))
    invoice_void(registration_id=payment.invoice.registration_id, refund=True)
    refund_send(refund_id=Refund.objects.get().pk)
    long_ago = timezone.now() - timedelta(days=90)
    Payment.objects.update(created_at=long_ago, changed_at=long_ago)
    SandboxCharge.objects.update(created_at=long_ago)
    assert reconcile("STRIPE") == {"refund_failed": 1}


def test_money_that_the_provider_took_back_is_found(payment: Payment) -> None:
    give_back(payment, 1000)
    refund = Refund.objects.get()
    declined = Answer(outcome=Outcome.DECLINED, provider_id=refund.provider_id)
    refund_settle(refund_id=refund.pk, answer=declined)
    SandboxRefund.objects.all().delete()
    settle_down()
    assert reconcile("STRIPE") == {"refund_failed": 1}
    give_back(payment, 1000)
    assert reconcile("STRIPE") == {}


def test_what_is_under_way_or_a_moment_old_is_left_alone() -> None:
    payment = paid()
    SandboxCharge.objects.update(amount=999)
    assert reconcile("STRIPE") == {}
    Payment.objects.filter(pk=payment.pk).update(status="processing")
    settle_down()
    assert reconcile("STRIPE") == {}


def test_a_process_that_has_not_compared_says_nothing_rather_than_zero() -> None:
    page = "from apps.core.prometheus.endpoint import render; print(render('')[0].decode())"
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", page], cwd=ROOT,
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    assert "# TYPE payments_disagreements gauge" in told
    assert "payments_disagreements{" not in told


def test_the_task_tells_the_metrics_by_kind(payment: Payment) -> None:
    SandboxCharge.objects.update(amount=999)
    assert reconcile_task() == 1
    assert samples.value("payments_disagreements", kind="amount") == 1
    assert samples.value("payments_disagreements", kind="status") == 0
    assert (samples.value("payments_reconciled_timestamp_seconds") or 0) > 1e9
    SandboxCharge.objects.update(amount=1000)
    assert reconcile_task() == 0
    assert samples.value("payments_disagreements", kind="amount") == 0


def test_a_book_that_cannot_be_read_fails_the_task_and_leaves_the_metrics(
    payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    SandboxCharge.objects.update(amount=999)
    reconcile_task()

    def silent(*_: object) -> None:
        raise Unavailable("timeout")

    monkeypatch.setattr(SandboxGateway, "book", silent)
    with pytest.raises(Unavailable):
        reconcile_task()
    assert samples.value("payments_disagreements", kind="amount") == 1


def test_coins_are_no_money(payment: Payment) -> None:
    coins_transfer(
        key="prize:1", source=wallet_issuer(), destination=wallet_of(payment.payer), coins=50
    )
    assert reconcile("STRIPE") == {}
