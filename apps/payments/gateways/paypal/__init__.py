from apps.payments.gateways.base import Provider

PROVIDER = Provider(
    name="PAYPAL",
    display_name="PayPal",
    position=2,
    gateway="apps.payments.gateways.paypal.gateway.PayPalGateway",
    credentials=("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID"),
    api_base="https://api-m.paypal.com",
)
