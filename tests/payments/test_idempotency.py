"""The same key and request return the first response, for a day."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from apps.payments.exceptions import CardDeclined, IdempotencyKeyReused
from apps.payments.models import IdempotencyKey, Payment
from apps.payments.services import keys_expire
from apps.payments.tasks import sandbox_deliver
from apps.tournaments.models import Registration
from tests import factories
from tests.payments.payer import Payer

pytestmark = pytest.mark.django_db


def send(registration: Registration, token: str = "tok_visa", key: str = "k") -> Any:
    body = {"registration_id": registration.pk, "method": "STRIPE", "token": token}
    return Payer(registration).send("", body, key)


def age_keys(by: timedelta = timedelta(hours=24, seconds=1)) -> None:
    IdempotencyKey.objects.update(created_at=F("created_at") - by)


def test_a_replay_does_not_show_a_later_refund(registration: Registration) -> None:
    first = send(registration)
    payment = Payment.objects.get()
    factories.refund(payment)
    assert send(registration).json() == first.json()
    now = factories.client_of(registration.player).get(f"/api/payments/{payment.pk}").json()
    assert now["status"] == "refunded"
    assert [refund["amount"] for refund in now["refunds"]] == [1000]


def test_a_timeout_is_not_stored_as_a_response(registration: Registration) -> None:
    assert send(registration, "tok_timeout").status_code == 503
    assert send(registration, "tok_timeout").status_code == 409
    sandbox_deliver()
    responses = [send(registration, "tok_timeout") for _ in range(2)]
    assert [response.status_code for response in responses] == [201, 201]
    assert responses[0].json() == responses[1].json()


def test_a_refusal_without_a_payment_is_not_stored(registration: Registration) -> None:
    send(registration, key="one")
    assert send(registration, key="two").json()["error"]["code"] == "already_paid"
    assert not IdempotencyKey.objects.filter(key="two").exists()


@pytest.mark.parametrize("key", ["k" * 255, "!~"])
def test_a_key_may_have_255_characters(registration: Registration, key: str) -> None:
    assert send(registration, key=key).status_code == 201


def test_a_key_can_be_reused_after_a_day(registration: Registration) -> None:
    with pytest.raises(CardDeclined):
        factories.pay(registration, "tok_declined", key="k")
    age_keys(timedelta(hours=23))
    with pytest.raises(IdempotencyKeyReused):
        factories.pay(registration, key="k")
    age_keys(timedelta(hours=1, seconds=1))
    factories.pay(registration, key="k")
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["failed", "succeeded"]
    assert IdempotencyKey.objects.get().payment.status == "succeeded"


def test_expired_keys_are_deleted(registration: Registration) -> None:
    factories.pay(registration, key="old")
    age_keys()
    factories.pay(factories.register(registration.tournament), key="new")
    assert keys_expire() == 1
    assert IdempotencyKey.objects.get().key == "new"
    assert Payment.objects.count() == 2
