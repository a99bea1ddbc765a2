"""Who withdraws is told what becomes of their money: before, and after."""

import re

import pytest

from apps.payments.gateways.base import Outcome, ProviderResult
from apps.payments.models import Payment
from apps.payments.services import payment_cancel, refund_create
from apps.payments.services.settlement import payment_settle
from apps.tournaments.models import Registration
from tests.factories import make_tournament, pay, register
from tests.tournaments.pages import of, path, text

pytestmark = pytest.mark.django_db


def seat(*, entry_fee: int = 0) -> Registration:
    return register(make_tournament(entry_fee=entry_fee))


def asked(registration: Registration) -> str:
    """What stands in the fold that asks, empty where nothing does."""
    page = text(of(registration.player).get(path(registration.tournament)))
    assert page.count('value="withdraw"') == 1
    fold = re.search(r"<summary[^>]*>Withdraw</summary>.*?</details>", page, re.DOTALL)
    assert ("Yes, withdraw" in page) == bool(fold)
    return fold[0] if fold else ""


def withdrawing(registration: Registration) -> str:
    posted = {"do": "withdraw", "registration_id": registration.pk}
    page = text(of(registration.player).post(path(registration.tournament), posted, follow=True))
    notices = re.findall(r'<li class="notice"[^>]*>([^<]+)', page)
    assert len(notices) == 1
    return str(notices[0])


def test_a_free_seat_is_given_up_by_one_click() -> None:
    registration = seat()
    assert asked(registration) == ""
    assert withdrawing(registration) == "You've withdrawn."


def test_a_seat_that_is_not_paid_for_yet_is_too() -> None:
    registration = seat(entry_fee=1250)
    assert asked(registration) == ""
    assert withdrawing(registration) == "You've withdrawn."


def test_a_paid_seat_is_asked_about_and_its_fee_goes_back() -> None:
    registration = seat(entry_fee=1250)
    pay(registration)
    assert "Your €12.50 entry fee will be refunded to your original payment method." in asked(
        registration
    )
    said = (
        "You've withdrawn. Your €12.50 entry fee will be refunded to your original payment method."
    )
    assert withdrawing(registration) == said
    assert Payment.objects.get().refunds.get().amount == 1250


def test_of_a_fee_that_is_back_in_part_the_rest_is_told() -> None:
    registration = seat(entry_fee=1250)
    pay(registration)
    refund_create(payment_id=Payment.objects.get().pk, amount=250)
    assert "Your €10.00 entry fee will be refunded" in asked(registration)
    assert "Your €10.00 entry fee will be refunded" in withdrawing(registration)


def test_of_what_was_paid_twice_the_part_that_is_back_already_is_not_told_again() -> None:
    registration = seat(entry_fee=1250)
    pay(registration, "", key="called off")
    first = Payment.objects.get()
    payment_cancel(payment_id=first.pk, payer=registration.player)
    pay(registration)
    payment_settle(payment_id=first.pk, result=ProviderResult(outcome=Outcome.SUCCEEDED))
    assert "Your €12.50 entry fee will be refunded" in withdrawing(registration)


def test_so_is_a_payment_that_is_under_way() -> None:
    registration = seat(entry_fee=1250)
    pay(registration, "tok_slow")
    assert "If your payment still goes through, it will be refunded." in asked(registration)
    said = "You've withdrawn. If your payment still goes through, it will be refunded."
    assert withdrawing(registration) == said
