"""Whatever the provider says, in whatever order and however often: a payment moves only as the
table has it, and the books agree with what it became."""

from itertools import pairwise
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
from apps.payments.exceptions import IllegalMove, NothingToRefund, RefundTooLarge
from apps.payments.gateways.base import Answer, Outcome
from apps.payments.models import Payment, Posting, Refund
from apps.payments.services import invoice_void, refund_create
from apps.payments.services.refunds import refund_adopt, refund_settle
from apps.payments.services.settlement import payment_settle
from apps.payments.services.transitions import MOVES, Status, locked, move
from tests import factories

AMOUNT = 100
LEGAL = {(old, new) for old, all_new in MOVES.items() for new in all_new}


def test_every_status_has_its_row_and_what_is_refunded_is_so_or_owed() -> None:
    assert MOVES.keys() == set(Status)
    assert MOVES[Status.REFUNDED] == {Status.REFUNDING}
    assert all(old not in new for old, new in MOVES.items())


@pytest.mark.django_db
@pytest.mark.parametrize("old", Status)
@pytest.mark.parametrize("new", Status)
def test_a_move_that_is_not_in_the_table_is_not_made(old: Status, new: Status) -> None:
    factories.pay(factories.register(factories.make_tournament(entry_fee=AMOUNT)))
    Payment.objects.update(status=old)
    payment = locked(Payment.objects.get().pk)
    if (old, new) in LEGAL:
        move(payment, new)
    else:
        with pytest.raises(IllegalMove):
            move(payment, new)
    assert Payment.objects.get().status == (new if (old, new) in LEGAL else old)


class PaymentLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.whole = transaction.atomic()
        self.whole.__enter__()
        registration = factories.register(factories.make_tournament(entry_fee=AMOUNT))
        self.registration = registration
        self.payment = Payment.objects.create(
            invoice=registration.invoice, payer=registration.player, method="STRIPE", source="t"
        )
        self.seen = [Status.CREATED]
        self.charged = False

    def status(self) -> Status:
        self.payment.refresh_from_db()
        return Status(self.payment.status)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.whole.__exit__(None, None, None)

    @rule(outcome=st.sampled_from(Outcome))
    def the_provider_says(self, outcome: Outcome) -> None:
        payment_settle(payment_id=self.payment.pk, answer=Answer(outcome=outcome))
        self.charged |= outcome is Outcome.SUCCEEDED

    @rule()
    def the_registration_ends(self) -> None:
        invoice_void(registration_id=self.registration.pk, refund=True)

    @rule(amount=st.one_of(st.none(), st.integers(-5, AMOUNT + 5)))
    def somebody_gives_back(self, amount: int | None) -> None:
        try:
            refund_create(payment_id=self.payment.pk, amount=amount)
        except (NothingToRefund, RefundTooLarge):
            return

    @precondition(lambda self: self.charged)
    @rule(amount=st.integers(1, AMOUNT + 5), number=st.integers(1, 3))
    def somebody_gives_back_at_the_provider(self, amount: int, number: int) -> None:
        refund = refund_adopt(payment_id=self.payment.pk, amount=amount, provider_id=f"re_{number}")
        if refund is not None:
            done = Answer(outcome=Outcome.SUCCEEDED, provider_id=f"re_{number}")
            refund_settle(refund_id=refund.pk, answer=done)

    @rule(data=st.data(), outcome=st.sampled_from(Outcome))
    def the_provider_says_of_a_refund(self, data: Any, outcome: Outcome) -> None:
        waiting = list(Refund.objects.filter(payment=self.payment).order_by("pk"))
        if not waiting:
            return
        refund = data.draw(st.sampled_from(waiting))
        given = sum(one.amount for one in waiting if one.status == "succeeded")
        if outcome is Outcome.SUCCEEDED and given + refund.amount > AMOUNT:
            outcome = Outcome.DECLINED  # no provider gives back more than it took
        refund_settle(refund_id=refund.pk, answer=Answer(outcome=outcome))

    @rule(data=st.data())
    def the_provider_takes_a_refund_back(self, data: Any) -> None:
        done = list(self.payment.refunds.filter(status="succeeded").exclude(provider_id=""))
        if not done:
            return
        refund = data.draw(st.sampled_from(done))
        taken_back = Answer(outcome=Outcome.DECLINED, provider_id=refund.provider_id)
        refund_settle(refund_id=refund.pk, answer=taken_back)

    @invariant()
    def it_moved_as_the_table_has_it(self) -> None:
        now = self.status()
        assert now == self.seen[-1] or now in reachable(self.seen[-1])
        self.seen.append(now)

    @invariant()
    def no_more_goes_back_than_came(self) -> None:
        given = self.payment.refunds.filter(status="succeeded").aggregate(sum=Sum("amount"))["sum"]
        assert (given or 0) <= AMOUNT * self.charged
        assert (self.status() is Status.REFUNDED) == ((given or 0) == AMOUNT)

    @invariant()
    def the_ledger_has_what_the_provider_holds(self) -> None:
        held = Posting.objects.filter(wallet__house="STRIPE").aggregate(sum=Sum("amount"))["sum"]
        given = self.payment.refunds.filter(status="succeeded").aggregate(sum=Sum("amount"))["sum"]
        assert (held or 0) == AMOUNT * self.charged - (given or 0)

    @invariant()
    def it_is_told_at_most_once_how_it_ended(self) -> None:
        names = list(
            EventRecord.objects.filter(stream=f"payment:{self.payment.pk}").values_list(
                "name", flat=True
            )
        )
        assert len([one for one in names if one in ("payment.succeeded", "payment.failed")]) <= 1
        moves = pairwise([*self.seen, self.status()])
        ended = [new for old, new in moves if new is Status.REFUNDED is not old]
        assert names.count("payment.refunded") == len(ended)

    @invariant()
    def an_ended_registrations_money_is_not_kept(self) -> None:
        self.payment.invoice.refresh_from_db()
        if self.payment.invoice.status == "void":
            kept = (Status.SUCCEEDED, Status.PARTIALLY_REFUNDED)
            assert self.status() not in kept

    @invariant()
    def what_was_all_back_is_back_or_owed(self) -> None:
        if Status.REFUNDED in self.seen:
            assert self.status() in (Status.REFUNDED, Status.REFUNDING)


def reachable(status: Status) -> set[Status]:
    """By one service's call, which may move twice: back from a refund is through it."""
    once = set(MOVES[status])
    return once.union(*(MOVES[new] for new in once))


@pytest.mark.django_db
def test_whatever_the_provider_says_the_books_agree_with_what_became_of_it() -> None:
    run_state_machine_as_test(
        PaymentLife, settings=settings(max_examples=60, stateful_step_count=12, deadline=None)
    )
