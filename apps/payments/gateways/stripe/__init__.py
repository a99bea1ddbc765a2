from apps.payments.gateways.base import Provider

PROVIDER = Provider(
    name="STRIPE",
    display_name="Stripe",
    position=1,
    gateway="apps.payments.gateways.stripe.gateway.StripeGateway",
    credentials=("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
)
