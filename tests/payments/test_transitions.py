"""A payment's status and the ledger agree after any sequence of reports from the provider."""

from contextlib import nullcontext
from itertools import pairwise, product
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.events.models import EventRecord
from apps.payments.exceptions import IllegalTransition, NothingToRefund, RefundTooLarge
from apps.payments.gateways.base import Outcome, ProviderResult
from apps.payments.models import Payment, Posting, Refund
from apps.payments.services import invoice_void, refund_create
from apps.payments.services.refunds import refund_import, refund_settle
from apps.payments.services.settlement import payment_settle
from apps.payments.services.transitions import TRANSITIONS, Status, set_status
from tests import factories

AMOUNT = 100


@pytest.mark.django_db
def test_a_transition_outside_the_table_is_an_error(payment: Payment) -> None:
    assert TRANSITIONS[Status.REFUNDED] == {Status.REFUNDING}
    for old, new in product(Status, Status):
        payment.status = old
        refused = nullcontext() if new in TRANSITIONS[old] else pytest.raises(IllegalTransition)
        with refused:
            set_status(payment, new)
        assert payment.status == (new if new in TRANSITIONS[old] else old)


class PaymentLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.registration = factories.register(factories.make_tournament(entry_fee=AMOUNT))
        self.payment = Payment.objects.create(
            invoice=self.registration.invoice,
            payer=self.registration.player,
            method="STRIPE",
            source="t",
        )
        self.statuses = [Status.CREATED]
        self.charged = False

    def status(self) -> Status:
        self.payment.refresh_from_db()
        return Status(self.payment.status)

    def refunded(self) -> int:
        refunds = self.payment.refunds.filter(status="succeeded")
        return refunds.aggregate(sum=Sum("amount"))["sum"] or 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @rule(outcome=st.sampled_from(Outcome))
    def provider_reports_charge(self, outcome: Outcome) -> None:
        payment_settle(payment_id=self.payment.pk, result=ProviderResult(outcome=outcome))
        self.charged |= outcome is Outcome.SUCCEEDED

    @rule()
    def registration_ends(self) -> None:
        invoice_void(registration_id=self.registration.pk, refund=True)

    @rule(amount=st.one_of(st.none(), st.integers(-5, AMOUNT + 5)))
    def operator_refunds(self, amount: int | None) -> None:
        try:
            refund_create(payment_id=self.payment.pk, amount=amount)
        except (NothingToRefund, RefundTooLarge):
            return

    @precondition(lambda self: self.charged)
    @rule(amount=st.integers(1, AMOUNT + 5), number=st.integers(1, 3))
    def operator_refunds_in_dashboard(self, amount: int, number: int) -> None:
        refund = refund_import(
            payment_id=self.payment.pk, amount=amount, provider_id=f"re_{number}"
        )
        if refund is not None:
            result = ProviderResult(outcome=Outcome.SUCCEEDED, provider_id=f"re_{number}")
            refund_settle(refund_id=refund.pk, result=result)

    @rule(data=st.data(), outcome=st.sampled_from(Outcome))
    def provider_reports_refund(self, data: Any, outcome: Outcome) -> None:
        refunds = list(Refund.objects.filter(payment=self.payment).order_by("pk"))
        if not refunds:
            return
        refund = data.draw(st.sampled_from(refunds))
        if outcome is Outcome.SUCCEEDED and self.refunded() + refund.amount > AMOUNT:
            outcome = Outcome.DECLINED  # no provider refunds more than the charge
        refund_settle(refund_id=refund.pk, result=ProviderResult(outcome=outcome))

    @rule(data=st.data())
    def provider_reverses_refund(self, data: Any) -> None:
        refunds = list(self.payment.refunds.filter(status="succeeded").exclude(provider_id=""))
        if not refunds:
            return
        refund = data.draw(st.sampled_from(refunds))
        result = ProviderResult(outcome=Outcome.DECLINED, provider_id=refund.provider_id)
        refund_settle(refund_id=refund.pk, result=result)

    @invariant()
    def transitions_are_legal(self) -> None:
        status = self.status()
        assert status == self.statuses[-1] or status in reachable(self.statuses[-1])
        self.statuses.append(status)

    @invariant()
    def refunds_do_not_exceed_the_charge(self) -> None:
        assert self.refunded() <= AMOUNT * self.charged
        assert (self.status() is Status.REFUNDED) == (self.refunded() == AMOUNT)

    @invariant()
    def the_ledger_has_the_providers_balance(self) -> None:
        posted = Posting.objects.filter(wallet__house="STRIPE").aggregate(sum=Sum("amount"))["sum"]
        assert (posted or 0) == AMOUNT * self.charged - self.refunded()

    @invariant()
    def each_end_is_recorded_once(self) -> None:
        records = EventRecord.objects.filter(stream=f"payment:{self.payment.pk}")
        names = list(records.values_list("name", flat=True))
        assert names.count("payment.succeeded") + names.count("payment.failed") <= 1
        steps = pairwise([*self.statuses, self.status()])
        ends = [new for old, new in steps if new is Status.REFUNDED is not old]
        assert names.count("payment.refunded") == len(ends)

    @invariant()
    def a_void_invoice_keeps_no_money(self) -> None:
        self.payment.invoice.refresh_from_db()
        if self.payment.invoice.status == "void":
            assert self.status() not in (Status.SUCCEEDED, Status.PARTIALLY_REFUNDED)

    @invariant()
    def a_refunded_payment_stays_refunded_or_due(self) -> None:
        if Status.REFUNDED in self.statuses:
            assert self.status() in (Status.REFUNDED, Status.REFUNDING)


def reachable(status: Status) -> set[Status]:
    """By one call of a service, which may make two transitions: through `refunding`."""
    following = set(TRANSITIONS[status])
    return following.union(*(TRANSITIONS[new] for new in following))


@pytest.mark.django_db
def test_status_ledger_and_events_agree_after_any_sequence_of_reports() -> None:
    run_state_machine_as_test(
        PaymentLife, settings=settings(max_examples=25, stateful_step_count=12, deadline=None)
    )
