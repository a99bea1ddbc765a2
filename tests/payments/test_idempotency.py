"""The same key and request: the first answer again, for a day."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.payments.exceptions import CardDeclined, IdempotencyKeyReused, PaymentInProgress
from apps.payments.models import IdempotencyKey, Payment, SandboxCharge
from apps.payments.services import keys_expire, refund_create, refund_send
from apps.payments.tasks import sandbox_deliver
from apps.tournaments.models import Registration
from tests import factories
from tests.api.world import everything_stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def registration() -> Registration:
    return factories.register(factories.make_tournament(entry_fee=1000))


def send(
    registration: Registration,
    token: str = "tok_visa",
    key: str = "k",
    client: Client | None = None,
) -> Any:
    return (client or factories.client_of(registration.player)).post(
        "/api/payments/",
        {"registration_id": registration.pk, "method": "STRIPE", "token": token},
        "application/json",
        headers={"idempotency-key": key},
    )


def a_day_later(by: timedelta = timedelta(hours=24, seconds=1)) -> None:
    for known in IdempotencyKey.objects.all():
        IdempotencyKey.objects.filter(pk=known.pk).update(created_at=known.created_at - by)


@pytest.mark.parametrize(("token", "status"), [("tok_visa", 201), ("tok_declined", 402)])
def test_the_first_answer_comes_again_and_nothing_happens(
    registration: Registration, token: str, status: int
) -> None:
    client = factories.client_of(registration.player)
    first = send(registration, token, client=client)
    before = everything_stored()
    for _ in range(3):
        again = send(registration, token, client=client)
        assert (again.status_code, again.content) == (status, first.content)
    assert everything_stored() == before


def test_the_first_answer_stays_what_became_of_the_payment_since(
    registration: Registration,
) -> None:
    first = send(registration)
    payment = Payment.objects.get()
    refund_send(refund_id=refund_create(payment_id=payment.pk).pk)
    assert send(registration).json() == first.json()
    now = factories.client_of(registration.player).get(f"/api/payments/{payment.pk}").json()
    assert now["status"] == "refunded"
    assert [refund["amount"] for refund in now["refunds"]] == [1000]


def test_a_slow_payment_stays_processing_in_its_replays(registration: Registration) -> None:
    first = send(registration, "tok_slow")
    assert (first.status_code, first.json()["status"]) == (201, "processing")
    SandboxCharge.objects.update(settles_at=timezone.now())
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=5))
    assert send(registration, "tok_slow").json() == first.json()


def test_silence_is_no_answer(registration: Registration) -> None:
    assert send(registration, "tok_timeout").status_code == 503
    assert send(registration, "tok_timeout").status_code == 409
    sandbox_deliver()
    answers = [send(registration, "tok_timeout") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_a_refusal_before_there_was_a_payment_is_not_kept(registration: Registration) -> None:
    send(registration, key="one")
    assert send(registration, key="two").json()["error"]["code"] == "already_paid"
    assert not IdempotencyKey.objects.filter(key="two").exists()


@pytest.mark.parametrize("key", ["k", "k" * 255, "!~"])
def test_a_key_may_have_255_characters(registration: Registration, key: str) -> None:
    assert send(registration, key=key).status_code == 201


def test_another_request_under_the_key_is_refused(registration: Registration) -> None:
    factories.pay(registration, key="k")
    with pytest.raises(IdempotencyKeyReused):
        factories.pay(registration, "tok_mastercard", key="k")


def test_a_key_is_free_again_after_a_day(registration: Registration) -> None:
    with pytest.raises(CardDeclined):
        factories.pay(registration, "tok_declined", key="k")
    a_day_later(timedelta(hours=23))
    with pytest.raises(IdempotencyKeyReused):
        factories.pay(registration, key="k")
    a_day_later(timedelta(hours=1, seconds=1))
    factories.pay(registration, key="k")
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["failed", "succeeded"]
    assert IdempotencyKey.objects.get().payment.status == "succeeded"


def test_keys_past_their_day_are_forgotten(registration: Registration) -> None:
    factories.pay(registration, key="old")
    a_day_later()
    factories.pay(factories.register(registration.tournament), key="new")
    assert keys_expire() == 1
    assert IdempotencyKey.objects.get().key == "new"
    assert Payment.objects.count() == 2


def test_while_the_first_is_at_it_the_second_is_told_so(registration: Registration) -> None:
    factories.pay(registration, key="k")
    Payment.objects.update(status="created")
    IdempotencyKey.objects.update(answered="")
    with pytest.raises(PaymentInProgress):
        factories.pay(registration, key="k")
