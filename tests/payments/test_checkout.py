"""The page on which a seat is paid for."""

import re
from typing import Any

import pytest
from django.test import Client

from apps.payments.exceptions import ProviderUnavailable
from apps.payments.models import Payment
from apps.tournaments.models import Registration
from tests.factories import make_user, pay

pytestmark = pytest.mark.django_db


def checkout(registration: Registration, **posted: Any) -> Any:
    client = Client()
    client.force_login(registration.player)
    where = f"/pay/{registration.pk}"
    if not posted:
        return client.get(where)
    key = re.search(r'name="key" value="(\w+)"', client.get(where).content.decode())
    return client.post(where, {"method": "STRIPE", "key": key[1] if key else ""} | posted)


def statuses() -> list[str]:
    return list(Payment.objects.order_by("pk").values_list("status", flat=True))


def test_a_good_card_pays_for_the_seat(owed: Registration) -> None:
    answer = checkout(owed, token="tok_visa")
    assert answer.headers["Location"] == f"/tournaments/{owed.tournament_id}"
    owed.refresh_from_db()
    assert owed.status == Registration.Status.CONFIRMED
    assert "This is paid." in checkout(owed).content.decode()


def test_sent_twice_it_is_paid_once(owed: Registration) -> None:
    key = "0123456789abcdef" * 2
    answers = [checkout(owed, token="tok_visa", key=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert statuses() == ["succeeded"]


def test_after_a_decline_another_card_is_another_payment(owed: Registration) -> None:
    key = "0123456789abcdef" * 2
    answer = checkout(owed, token="tok_declined", key=key)
    page = answer.content.decode()
    assert answer.status_code == 402
    assert "Try another card." in page
    fresh = re.search(r'name="key" value="(\w+)"', page)
    assert fresh
    assert fresh[1] != key
    assert checkout(owed, token="tok_visa", key=fresh[1]).status_code == 302
    assert statuses() == ["failed", "succeeded"]


def test_where_the_provider_does_not_answer_no_other_card_is_asked_for(owed: Registration) -> None:
    answer = checkout(owed, token="tok_unavailable", key="0123456789abcdef" * 2)
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "Stripe has not answered yet." in page
    assert 'name="token"' not in page


def test_what_is_under_way_is_told_and_not_asked_for_again(owed: Registration) -> None:
    with pytest.raises(ProviderUnavailable):
        pay(owed, "tok_unavailable")
    page = checkout(owed).content.decode()
    assert "Stripe has not answered yet." in page
    assert 'name="token"' not in page


def test_who_was_signed_out_meanwhile_comes_back_to_the_page_they_stood_on(
    owed: Registration,
) -> None:
    where = f"/pay/{owed.pk}"
    answer = Client().post(f"{where}/cancel", headers={"Referer": f"http://testserver{where}?x=1"})
    assert answer.headers["Location"] == f"/sign-in?next={where}"


def test_another_card_waits_for_the_one_that_is_not_answered(owed: Registration) -> None:
    key = "0123456789abcdef" * 2
    checkout(owed, token="tok_unavailable", key=key)
    answer = checkout(owed, token="tok_visa", key=key)
    assert answer.status_code == 409
    assert "A payment for this registration is under way." in answer.content.decode()
    assert statuses() == ["created"]


@pytest.mark.parametrize(
    "wrong",
    [{"token": "tok_mine"}, {"method": "CASH"}, {"key": "x"}, {"key": "x" * 300}],
)
def test_what_cannot_be_is_told_and_pays_nothing(owed: Registration, wrong: Any) -> None:
    answer = checkout(owed, **({"token": "tok_visa"} | wrong))
    assert answer.status_code == 422
    assert statuses() == []


def test_what_is_paid_already_is_not_paid_again(owed: Registration) -> None:
    pay(owed)
    assert checkout(owed, token="tok_visa", key="0123456789abcdef" * 2).status_code == 409
    assert statuses() == ["succeeded"]


def test_what_somebody_else_owes_is_not_there(owed: Registration) -> None:
    client = Client()
    client.force_login(make_user())
    assert client.get(f"/pay/{owed.pk}").status_code == 404
