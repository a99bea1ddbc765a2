"""Payments on a provider's page."""

from django.test import Client

from apps.payments.models import Payment
from apps.tournaments.models import Registration


def start(payer: Client, registration: Registration, method: str = "STRIPE") -> Payment:
    """Submits the checkout page without a card."""
    url = f"/pay/{registration.pk}"
    response = payer.post(url, {"method": method, "token": "", "key": "0a" * 16})
    assert (response.status_code, response.headers["Location"]) == (302, url)
    payment = Payment.objects.get(status="processing")
    assert payment.requires_action
    return payment


def page(payer: Client, path: str) -> str:
    return payer.get(path, follow=True).content.decode()


def is_confirmed(registration: Registration) -> bool:
    registration.refresh_from_db()
    return registration.status == Registration.Status.CONFIRMED
