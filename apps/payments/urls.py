from django.urls import path

from apps.payments import views, webhooks
from apps.payments.gateways.sandbox.views import sandbox_page

urlpatterns = [
    path("pay/<int:registration_id>", views.checkout, name="checkout"),
    path("pay/<int:registration_id>/back", views.came_back, name="came_back"),
    path("pay/<int:registration_id>/cancel", views.cancel, name="cancel_payment"),
    path("sandbox/<slug:provider_id>", sandbox_page, name="sandbox_page"),
    path("api/webhooks/stripe", webhooks.stripe_webhook, name="stripe_webhook"),
    path("api/webhooks/paypal", webhooks.paypal_webhook, name="paypal_webhook"),
]
