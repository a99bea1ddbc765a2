"""A seat and its payment agree, whenever the provider reports a result. The page says before and
after a withdrawal what is refunded."""

import re

import pytest
from django.test import Client
from django.utils.html import strip_tags

from apps.events.recording import since
from apps.payments.gateways.base import Outcome, ProviderResult
from apps.payments.services import payment_cancel
from apps.payments.services.settlement import payment_settle
from apps.tournaments import services
from apps.tournaments.models import Registration
from tests import factories
from tests.factories import signed_in
from tests.tournaments.pages import page_of, path, text
from tests.tournaments.steps import by_organizer, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def registration() -> Registration:
    return factories.register(factories.make_tournament(entry_fee=1250))


@pytest.mark.parametrize("pays_again_first", [True, False])
def test_a_late_success_is_refunded_and_another_payment_confirms_the_seat(
    registration: Registration, *, pays_again_first: bool
) -> None:
    late = factories.pay(registration, source="tok_slow", key="given-up")
    # As after the provider did not respond for too long.
    payment_settle(payment_id=late.pk, result=ProviderResult(outcome=Outcome.DECLINED))
    if pays_again_first:
        factories.pay(registration, key="again")
    success = ProviderResult(outcome=Outcome.SUCCEEDED, provider_id="late")
    payment_settle(payment_id=late.pk, result=success)
    factories.send_refunds()
    late.refresh_from_db()
    assert late.status == "refunded"
    if not pays_again_first:
        assert status(registration) == "pending_payment"
        factories.pay(registration, key="again")
    assert status(registration) == "confirmed"


def test_a_canceled_tournament_refunds_no_shows() -> None:
    tournament = factories.make_tournament(entry_fee=1000, check_in_minutes=30)
    absent = factories.register(tournament)
    factories.pay(absent)
    by_organizer(services.tournament_check_in_open, tournament)
    by_organizer(services.tournament_no_shows_drop, tournament)
    assert status(absent) == "no_show"
    by_organizer(services.tournament_cancel, tournament)
    factories.send_refunds()
    assert status(absent) == "refunded"


def test_a_full_refund_ends_the_registration_publicly(registration: Registration) -> None:
    def page() -> str:
        return strip_tags(text(Client().get(f"/tournaments/{registration.tournament_id}")))

    payment = factories.pay(registration)
    assert "1 of 8" in page()
    factories.refund(payment)
    assert status(registration) == "refunded"
    last = since(f"tournament:{registration.tournament_id}", 0)[-1]
    assert (last.name, last.data["status"]) == ("registration.left", "refunded")
    assert "0 of 8" in page()


def test_a_free_seat_goes_to_the_waiting_list_before_a_new_registration() -> None:
    tournament = factories.make_tournament(capacity=2, entry_fee=1000)
    first, _, waitlisted = [factories.register(tournament) for _ in range(3)]
    factories.refund(factories.pay(first))
    assert factories.register(tournament).status == "waitlisted"
    assert status(waitlisted) == "pending_payment"


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
    registration = factories.register(factories.make_tournament(entry_fee=entry_fee))
    assert question(registration) == ""
    assert notice_after_withdrawal(registration) == "You've withdrawn."


def test_a_paid_fee_is_announced_and_refunded(registration: Registration) -> None:
    payment = factories.pay(registration)
    refund = "Your €12.50 entry fee will be refunded to your original payment method."
    assert refund in question(registration)
    assert notice_after_withdrawal(registration) == f"You've withdrawn. {refund}"
    assert payment.refunds.get().amount == 1250
    factories.send_refunds()
    assert status(registration) == "refunded"


def test_after_a_partial_refund_the_rest_is_announced(registration: Registration) -> None:
    factories.refund(factories.pay(registration), 250)
    assert "Your €10.00 entry fee will be refunded" in question(registration)
    assert "Your €10.00 entry fee will be refunded" in notice_after_withdrawal(registration)


def test_a_refunded_duplicate_payment_is_not_announced(registration: Registration) -> None:
    first = factories.pay(registration, "", key="canceled")
    payment_cancel(payment_id=first.pk, payer=registration.player)
    factories.pay(registration)
    payment_settle(payment_id=first.pk, result=ProviderResult(outcome=Outcome.SUCCEEDED))
    assert "Your €12.50 entry fee will be refunded" in notice_after_withdrawal(registration)


def test_a_refund_of_a_payment_in_progress_is_announced(registration: Registration) -> None:
    factories.pay(registration, "tok_slow")
    refund = "If your payment still goes through, it will be refunded."
    assert refund in question(registration)
    assert notice_after_withdrawal(registration) == f"You've withdrawn. {refund}"
