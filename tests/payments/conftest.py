from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from django.test import Client

from apps.payments.gateways import PROVIDERS
from apps.payments.models import Payment
from apps.tournaments.models import Registration
from tests import factories
from tests.payments.doubles import Faults, served
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


@contextmanager
def live(method: str, settings: Any) -> Iterator[Faults]:
    """The provider is live, at the double of its API that `<slug>_double.py` declares."""
    provider = PROVIDERS[method]
    double = import_module(f"tests.payments.{provider.slug}_double").DOUBLE()
    with served(double) as (base, faults):
        for name, value in zip(provider.credentials, double.CREDENTIALS, strict=True):
            setattr(settings, name, value)
        setattr(settings, provider.api_base_setting, base)
        settings.PUBLIC_URL, settings.PAYMENT_TIMEOUT_SECONDS = SITE, 1
        yield faults


@pytest.fixture
def stripe_faults(settings: Any) -> Iterator[Faults]:
    with live("STRIPE", settings) as faults:
        yield faults


@pytest.fixture
def stripe(stripe_faults: Faults) -> StripeDouble:
    assert isinstance(stripe_faults.double, StripeDouble)
    return stripe_faults.double


@pytest.fixture
def paypal_faults(settings: Any) -> Iterator[Faults]:
    with live("PAYPAL", settings) as faults:
        yield faults


@pytest.fixture
def paypal(paypal_faults: Faults) -> PayPalDouble:
    assert isinstance(paypal_faults.double, PayPalDouble)
    return paypal_faults.double
