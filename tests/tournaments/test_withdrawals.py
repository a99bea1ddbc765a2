"""The page says before and after a withdrawal what is refunded."""

import re

import pytest

from apps.payments.gateways.base import Outcome, ProviderResult
from apps.payments.models import Payment
from apps.payments.services import payment_cancel, refund_create
from apps.payments.services.settlement import payment_settle
from apps.tournaments.models import Registration
from tests.factories import make_tournament, pay, register, send_refunds
from tests.tournaments.pages import page_of, path, signed_in, text
from tests.tournaments.steps import status

pytestmark = pytest.mark.django_db


def make_registration(entry_fee: int = 1250) -> Registration:
    return register(make_tournament(entry_fee=entry_fee))


def question(registration: Registration) -> str:
    """The text before a withdrawal; empty if the page does not ask."""
    page = page_of(registration.player, registration.tournament)
    assert page.count('value="withdraw"') == 1
    fold = re.search(r"<summary[^>]*>Withdraw</summary>.*?</details>", page)
    assert ("Yes, withdraw" in page) == bool(fold)
    return fold[0] if fold else ""


def notice_after_withdrawal(registration: Registration) -> str:
    posted = {"do": "withdraw", "registration_id": registration.pk}
    client = signed_in(registration.player)
    page = text(client.post(path(registration.tournament), posted, follow=True))
    [notice] = re.findall(r'<li class="notice"[^>]*>([^<]+)', page)
    return str(notice)


@pytest.mark.parametrize("entry_fee", [0, 1250])
def test_an_unpaid_seat_is_withdrawn_without_a_question(entry_fee: int) -> None:
    registration = make_registration(entry_fee)
    assert question(registration) == ""
    assert notice_after_withdrawal(registration) == "You've withdrawn."


def test_a_paid_fee_is_announced_and_refunded() -> None:
    registration = make_registration()
    pay(registration)
    refund = "Your €12.50 entry fee will be refunded to your original payment method."
    assert refund in question(registration)
    assert notice_after_withdrawal(registration) == f"You've withdrawn. {refund}"
    assert Payment.objects.get().refunds.get().amount == 1250
    send_refunds()
    assert status(registration) == "refunded"
    assert Payment.objects.get().status == "refunded"


def test_after_a_partial_refund_the_rest_is_announced() -> None:
    registration = make_registration()
    pay(registration)
    refund_create(payment_id=Payment.objects.get().pk, amount=250)
    assert "Your €10.00 entry fee will be refunded" in question(registration)
    assert "Your €10.00 entry fee will be refunded" in notice_after_withdrawal(registration)


def test_a_duplicate_payment_that_was_refunded_is_not_announced_again() -> None:
    registration = make_registration()
    pay(registration, "", key="canceled")
    first = Payment.objects.get()
    payment_cancel(payment_id=first.pk, payer=registration.player)
    pay(registration)
    payment_settle(payment_id=first.pk, result=ProviderResult(outcome=Outcome.SUCCEEDED))
    assert "Your €12.50 entry fee will be refunded" in notice_after_withdrawal(registration)


def test_a_refund_of_a_payment_in_progress_is_announced() -> None:
    registration = make_registration()
    pay(registration, "tok_slow")
    refund = "If your payment still goes through, it will be refunded."
    assert refund in question(registration)
    assert notice_after_withdrawal(registration) == f"You've withdrawn. {refund}"
