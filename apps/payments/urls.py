from django.urls import path

from apps.payments import views, webhooks
from apps.payments.gateways import PROVIDERS
from apps.payments.gateways.sandbox.views import sandbox_page

urlpatterns = [
    path("pay/<int:registration_id>", views.checkout, name="checkout"),
    path("pay/<int:registration_id>/back", views.payment_return, name="payment_return"),
    path("pay/<int:registration_id>/cancel", views.cancel, name="cancel_payment"),
    path("sandbox/<slug:provider_id>", sandbox_page, name="sandbox_page"),
    *(
        path(
            f"api/webhooks/{provider.slug}",
            webhooks.webhook,
            {"method": provider.name},
            name=f"{provider.slug}_webhook",
        )
        for provider in PROVIDERS.values()
    ),
]
