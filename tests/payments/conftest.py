from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest

from apps.payments.gateways import PROVIDERS, gateway_for
from apps.payments.models import Payment
from apps.tournaments.models import Registration
from tests import factories
from tests.payments.doubles import ProviderDouble, served
from tests.payments.payer import Payer
from tests.payments.paypal_double import PayPalDouble
from tests.payments.stripe_double import StripeDouble

SITE = "https://crown.example"


@pytest.fixture
def registration() -> Registration:
    """Unpaid, with an entry fee of 10.00."""
    return factories.register(factories.make_tournament(entry_fee=1000))


@pytest.fixture
def payer(registration: Registration) -> Payer:
    return Payer(registration)


@pytest.fixture
def payment(registration: Registration) -> Payment:
    """Succeeded, in the sandbox."""
    return factories.pay(registration)


@pytest.fixture
def slow_payment(registration: Registration, request: pytest.FixtureRequest) -> Payment:
    """Processing, at Stripe, which is live since."""
    payment = factories.pay(registration, "tok_slow")
    request.getfixturevalue("stripe")
    return payment


@contextmanager
def live(method: str, settings: Any) -> Iterator[Any]:
    """The provider is live, at the double of its API that `<slug>_double.py` declares."""
    provider = PROVIDERS[method]
    double: ProviderDouble = import_module(f"tests.payments.{provider.slug}_double").DOUBLE()
    with served(double) as base:
        for name, value in zip(provider.credentials, double.CREDENTIALS, strict=True):
            setattr(settings, name, value)
        setattr(settings, provider.api_base_setting, base)
        settings.PUBLIC_URL, settings.PAYMENT_TIMEOUT_SECONDS = SITE, 1
        double.provider, double.gateway = provider, gateway_for(method)
        yield double


@pytest.fixture
def stripe(settings: Any) -> Iterator[StripeDouble]:
    with live("STRIPE", settings) as double:
        yield double


@pytest.fixture
def paypal(settings: Any) -> Iterator[PayPalDouble]:
    with live("PAYPAL", settings) as double:
        yield double
