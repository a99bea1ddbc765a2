import re

import pytest
from django.test import Client

from apps.payments.models import Payment
from tests.factories import make_user, signed_in
from tests.payments.payer import KEY, Payer

pytestmark = pytest.mark.django_db


def statuses() -> list[str]:
    return list(Payment.objects.order_by("pk").values_list("status", flat=True))


def test_a_card_submitted_twice_is_one_payment_and_confirms_the_registration(payer: Payer) -> None:
    for _ in range(2):
        location = payer.pay().headers["Location"]
        assert location == f"/tournaments/{payer.registration.tournament_id}"
    assert statuses() == ["succeeded"]
    assert payer.is_confirmed()
    assert "Paid." in payer.page()


def test_another_card_after_a_decline_is_another_payment(payer: Payer) -> None:
    response = payer.pay("tok_declined")
    page = response.content.decode()
    assert response.status_code == 402
    assert "Try another card." in page
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key
    assert key[1] != KEY
    assert payer.pay(key=key[1]).status_code == 302
    assert statuses() == ["failed", "succeeded"]


def test_sign_in_returns_to_the_checkout_page_without_its_query(payer: Payer) -> None:
    headers = {"Referer": f"http://testserver{payer.url}?x=1"}
    response = Client().post(f"{payer.url}/cancel", headers=headers)
    assert response.headers["Location"] == f"/sign-in?next={payer.url}"


@pytest.mark.parametrize("field", [{"token": "tok_mine"}, {"method": "CASH"}, {"key": "x" * 300}])
def test_an_invalid_form_pays_nothing(payer: Payer, field: dict[str, str]) -> None:
    assert payer.pay(**field).status_code == 422
    assert statuses() == []


def test_another_users_checkout_page_is_not_found(payer: Payer) -> None:
    assert signed_in(make_user()).get(payer.url).status_code == 404
