"""Somebody pays on the page of a provider."""

from django.test import Client

from apps.payments.models import Payment
from apps.tournaments.models import Registration


def start(payer: Client, owed: Registration, method: str = "STRIPE") -> Payment:
    """On the checkout page, without a card."""
    answer = payer.post(f"/pay/{owed.pk}", {"method": method, "token": "", "key": "0a" * 16})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/pay/{owed.pk}")
    payment = Payment.objects.get(status="processing")
    assert payment.waits_for_payer
    return payment


def page(payer: Client, path: str) -> str:
    return payer.get(path, follow=True).content.decode()


def is_paid(owed: Registration) -> bool:
    owed.refresh_from_db()
    return owed.status == Registration.Status.CONFIRMED
