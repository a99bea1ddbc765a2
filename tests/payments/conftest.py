from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.payments.models import Payment
from apps.tournaments.models import Registration
from tests import factories
from tests.payments import paypal_double, stripe_double
from tests.payments.doubles import Faults, served
from tests.payments.event_helpers import WEBHOOK_SECRET
from tests.payments.paypal_double import PayPalDouble
from tests.payments.stripe_double import StripeDouble

SITE = "https://crown.example"


@pytest.fixture
def registration() -> Registration:
    """Unpaid, with an entry fee of 10.00."""
    return factories.register(factories.make_tournament(entry_fee=1000))


@pytest.fixture
def payer(registration: Registration) -> Client:
    client = Client()
    client.force_login(registration.player)
    return client


@pytest.fixture
def payment(registration: Registration) -> Payment:
    """Succeeded, in the sandbox."""
    factories.pay(registration)
    return Payment.objects.get()


@pytest.fixture
def stripe_faults(settings: Any) -> Iterator[Faults]:
    """Stripe is live, at a double of its API."""
    with served(StripeDouble()) as (base, faults):
        settings.STRIPE_SECRET_KEY = stripe_double.KEY
        settings.STRIPE_WEBHOOK_SECRET = WEBHOOK_SECRET
        settings.STRIPE_API_BASE, settings.PUBLIC_URL = base, SITE
        settings.PAYMENT_TIMEOUT_SECONDS = 1
        yield faults


@pytest.fixture
def stripe(stripe_faults: Faults) -> StripeDouble:
    assert isinstance(stripe_faults.double, StripeDouble)
    return stripe_faults.double


@pytest.fixture
def paypal_faults(settings: Any) -> Iterator[Faults]:
    """PayPal is live, at a double of its API."""
    with served(PayPalDouble()) as (base, faults):
        settings.PAYPAL_CLIENT_ID = paypal_double.ID
        settings.PAYPAL_CLIENT_SECRET = paypal_double.SECRET
        settings.PAYPAL_WEBHOOK_ID = paypal_double.WEBHOOK_ID
        settings.PAYPAL_API_BASE, settings.PUBLIC_URL = base, SITE
        settings.PAYMENT_TIMEOUT_SECONDS = 1
        yield faults


@pytest.fixture
def paypal(paypal_faults: Faults) -> PayPalDouble:
    assert isinstance(paypal_faults.double, PayPalDouble)
    return paypal_faults.double
