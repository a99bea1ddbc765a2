from apps.payments.gateways.paypal.gateway import PayPal

__all__ = ["PayPal"]
