"""A seat and its payment agree, whenever the provider reports a result."""

import pytest
from django.test import Client
from django.utils.html import strip_tags

from apps.events.recording import since
from apps.payments.gateways.base import Outcome, ProviderResult
from apps.payments.models import Payment
from apps.payments.services import refund_create
from apps.payments.services.settlement import payment_settle
from apps.tournaments import services
from apps.tournaments.models import Registration
from tests import factories
from tests.tournaments.pages import text
from tests.tournaments.steps import by_organizer, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def registration() -> Registration:
    return factories.register(factories.make_tournament(entry_fee=1000))


def give_up_payment(registration: Registration) -> Payment:
    """As after a provider did not respond for too long."""
    factories.pay(registration, source="tok_slow", key="given-up")
    payment = Payment.objects.get()
    return payment_settle(payment_id=payment.pk, result=ProviderResult(outcome=Outcome.DECLINED))


def expect_refund_of_late_success(payment: Payment) -> None:
    result = ProviderResult(outcome=Outcome.SUCCEEDED, provider_id="late")
    payment_settle(payment_id=payment.pk, result=result)
    factories.send_refunds()
    payment.refresh_from_db()
    assert payment.status == "refunded"


def refund_all() -> None:
    refund_create(payment_id=Payment.objects.get().pk)
    factories.send_refunds()


@pytest.mark.parametrize("pays_again_first", [True, False])
def test_a_late_success_is_refunded_and_another_payment_confirms_the_seat(
    registration: Registration, *, pays_again_first: bool
) -> None:
    late = give_up_payment(registration)
    if pays_again_first:
        factories.pay(registration, key="again")
    expect_refund_of_late_success(late)
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

    factories.pay(registration)
    assert "1 of 8" in page()
    refund_all()
    assert status(registration) == "refunded"
    last = since(f"tournament:{registration.tournament_id}", 0)[-1]
    assert (last.name, last.data["status"]) == ("registration.left", "refunded")
    assert "0 of 8" in page()


def test_a_free_seat_goes_to_the_waiting_list_before_a_new_registration() -> None:
    tournament = factories.make_tournament(capacity=2, entry_fee=1000)
    first, _, waitlisted = [factories.register(tournament) for _ in range(3)]
    factories.pay(first)
    refund_all()
    assert factories.register(tournament).status == "waitlisted"
    assert status(waitlisted) == "pending_payment"
