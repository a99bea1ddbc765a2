"""A seat and the money for it stay together, in whatever order a provider tells what happened."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils.html import strip_tags

from apps.events.recording import since
from apps.payments.gateways.base import Outcome, ProviderResult
from apps.payments.models import Payment
from apps.payments.services import refund_create
from apps.payments.services.settlement import payment_settle
from apps.tournaments import services
from apps.tournaments.models import Registration, Tournament
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def registration() -> Registration:
    return factories.register(factories.make_tournament(entry_fee=1000))


def given_up(registration: Registration) -> Payment:
    """The provider was silent for too long."""
    factories.pay(registration, source="tok_slow", key="given-up")
    payment = Payment.objects.get()
    return payment_settle(payment_id=payment.pk, result=ProviderResult(outcome=Outcome.DECLINED))


def ends_well_after_all(payment: Payment) -> None:
    answer = ProviderResult(outcome=Outcome.SUCCEEDED, provider_id="late")
    payment_settle(payment_id=payment.pk, result=answer)
    factories.send_refunds()
    payment.refresh_from_db()
    assert payment.status == "refunded"


def status(registration: Registration) -> str:
    registration.refresh_from_db()
    return registration.status


def move(tournament: Tournament, service: Callable[..., Tournament]) -> None:
    service(tournament_id=tournament.pk, organizer=tournament.organizer)


def test_what_was_paid_twice_goes_back_once_and_the_seat_stays(registration: Registration) -> None:
    first = given_up(registration)
    factories.pay(registration, key="again")
    ends_well_after_all(first)
    assert status(registration) == "confirmed"


def test_a_seat_that_is_still_owed_for_can_be_paid_for_after_a_refund(
    registration: Registration,
) -> None:
    ends_well_after_all(given_up(registration))
    assert status(registration) == "pending_payment"
    factories.pay(registration, key="again")
    assert status(registration) == "confirmed"


def test_who_has_all_of_it_back_has_no_seat(registration: Registration) -> None:
    factories.pay(registration)
    refund_create(payment_id=Payment.objects.get().pk)
    factories.send_refunds()
    assert status(registration) == "refunded"


def test_a_cancelled_tournament_gives_no_shows_their_fee_back() -> None:
    tournament = factories.make_tournament(entry_fee=1000, check_in_minutes=30)
    absent = factories.register(tournament)
    factories.pay(absent)
    move(tournament, services.tournament_check_in_open)
    move(tournament, services.tournament_no_shows_drop)
    assert status(absent) == "no_show"
    move(tournament, services.tournament_cancel)
    factories.send_refunds()
    assert status(absent) == "refunded"


def test_who_is_refunded_by_the_provider_leaves_for_all_to_see(registration: Registration) -> None:
    page = f"/tournaments/{registration.tournament_id}"
    factories.pay(registration)
    assert "1 of 8" in " ".join(strip_tags(Client().get(page).content.decode()).split())
    refund_create(payment_id=Payment.objects.get().pk)
    factories.send_refunds()
    assert status(registration) == "refunded"
    last = since(f"tournament:{registration.tournament_id}", 0)[-1]
    assert (last.name, last.data["status"]) == ("registration.left", "refunded")
    assert "0 of 8" in " ".join(strip_tags(Client().get(page).content.decode()).split())


def test_a_seat_that_came_free_is_for_who_waits_and_not_for_who_comes() -> None:
    tournament = factories.make_tournament(capacity=2, entry_fee=1000)
    first, _, waiting = [factories.register(tournament) for _ in range(3)]
    factories.pay(first)
    refund_create(payment_id=Payment.objects.get().pk)
    factories.send_refunds()
    assert factories.register(tournament).status == "waitlisted"
    assert status(waiting) == "pending_payment"
