from apps.payments.gateways.stripe.gateway import Stripe

__all__ = ["Stripe"]
