"""Who takes the money: Stripe and PayPal where their keys are configured, else the sandbox.

`base` is the protocol. The SDK of Stripe takes half a second and 9 MB, so each module is imported
when it is first needed.
"""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from apps.payments.gateways.base import Gateway
from apps.payments.models import Payment

HERE = "apps.payments.gateways"


def is_live(method: str) -> bool:
    """Whether real money moves."""
    if method == Payment.Method.STRIPE:
        return bool(settings.STRIPE_SECRET_KEY)
    return bool(settings.PAYPAL_CLIENT_ID)


def methods_taken() -> list[Payment.Method]:
    """For new payments. Where real money moves, nobody pays with the sandbox's for the same."""
    live = [method for method in Payment.Method if is_live(method)]
    return live or list(Payment.Method)


def gateway_for(method: str) -> Gateway:
    if not is_live(method):
        return _made("sandbox.Sandbox", method)
    if method == Payment.Method.STRIPE:
        return _made(
            "stripe.Stripe",
            settings.STRIPE_SECRET_KEY,
            settings.STRIPE_WEBHOOK_SECRET,
            settings.STRIPE_API_BASE,
            settings.PAYMENT_TIMEOUT_SECONDS,
        )
    return _made(
        "paypal.PayPal",
        settings.PAYPAL_CLIENT_ID,
        settings.PAYPAL_CLIENT_SECRET,
        settings.PAYPAL_WEBHOOK_ID,
        settings.PAYPAL_API_BASE,
        settings.PAYMENT_TIMEOUT_SECONDS,
    )


@cache
def _made(name: str, *arguments: str | int) -> Gateway:
    """One for as long as it is configured the same: it keeps connections, tokens, certificates."""
    gateway: Gateway = import_string(f"{HERE}.{name}")(*arguments)
    return gateway
