"""The checkout page, with cards of the sandbox."""

import re
from typing import Any

import pytest
from django.test import Client

from apps.payments.models import Payment, SandboxCharge
from apps.tournaments.models import Registration
from tests.factories import make_user

pytestmark = pytest.mark.django_db
KEY = "0123456789abcdef" * 2


def submit(payer: Client, registration: Registration, **fields: str) -> Any:
    values = {"method": "STRIPE", "token": "tok_visa", "key": KEY} | fields
    return payer.post(f"/pay/{registration.pk}", values)


def statuses() -> list[str]:
    return list(Payment.objects.order_by("pk").values_list("status", flat=True))


def test_a_good_card_confirms_the_registration(payer: Client, registration: Registration) -> None:
    response = submit(payer, registration)
    assert response.headers["Location"] == f"/tournaments/{registration.tournament_id}"
    registration.refresh_from_db()
    assert registration.status == Registration.Status.CONFIRMED
    assert "Paid." in payer.get(f"/pay/{registration.pk}").content.decode()


def test_a_form_submitted_twice_is_one_payment(payer: Client, registration: Registration) -> None:
    assert [submit(payer, registration).status_code for _ in range(2)] == [302, 302]
    assert statuses() == ["succeeded"]


def test_another_card_after_a_decline_is_another_payment(
    payer: Client, registration: Registration
) -> None:
    response = submit(payer, registration, token="tok_declined")
    page = response.content.decode()
    assert response.status_code == 402
    assert "Try another card." in page
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key
    assert key[1] != KEY
    assert submit(payer, registration, key=key[1]).status_code == 302
    assert statuses() == ["failed", "succeeded"]


def test_a_payment_without_a_response_must_settle_before_another_card(
    payer: Client, registration: Registration
) -> None:
    response = submit(payer, registration, token="tok_unavailable")
    assert response.status_code == 503
    assert not SandboxCharge.objects.exists()
    for page in (response, payer.get(f"/pay/{registration.pk}")):
        assert "Waiting for Stripe." in page.content.decode()
        assert 'name="token"' not in page.content.decode()
    response = submit(payer, registration)
    assert response.status_code == 409
    assert "A payment for this registration is in progress." in response.content.decode()
    assert statuses() == ["created"]


def test_sign_in_returns_to_the_checkout_page_without_its_query(registration: Registration) -> None:
    url = f"/pay/{registration.pk}"
    headers = {"Referer": f"http://testserver{url}?x=1"}
    response = Client().post(f"{url}/cancel", headers=headers)
    assert response.headers["Location"] == f"/sign-in?next={url}"


@pytest.mark.parametrize(
    "field", [{"token": "tok_mine"}, {"method": "CASH"}, {"key": "x"}, {"key": "x" * 300}]
)
def test_an_invalid_form_pays_nothing(
    payer: Client, registration: Registration, field: dict[str, str]
) -> None:
    assert submit(payer, registration, **field).status_code == 422
    assert statuses() == []


def test_another_users_checkout_page_is_not_found(registration: Registration) -> None:
    client = Client()
    client.force_login(make_user())
    assert client.get(f"/pay/{registration.pk}").status_code == 404
