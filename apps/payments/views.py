"""The checkout page, and the redirects to and from the provider's page."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.auth import user
from apps.accounts.decorators import sign_in_required
from apps.core.exceptions import DomainError
from apps.payments.forms import CheckoutForm
from apps.payments.models import Invoice, Payment
from apps.payments.selectors import open_payment
from apps.payments.services import payment_cancel, payment_create, payment_refresh
from apps.web.forms import with_error_status

SUCCESS = {
    Payment.Status.SUCCEEDED: "Payment received. You're in!",
    Payment.Status.PROCESSING: "Payment processing. This page updates when it's done.",
}
REFUNDED = "Your payment will be refunded."
DECLINED = "The payment was declined. Use another payment method."
NOT_COMPLETED = "That payment didn't go through. Use another payment method."
CANCELED = "Payment canceled. Use another payment method."


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def checkout(request: HttpRequest, registration_id: int) -> HttpResponse:
    invoice = _get_invoice(request, registration_id)
    form = CheckoutForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        arguments = {"payer": user(request), "registration_id": registration_id}
        if form.submit(payment_create, **arguments):
            return _redirect(request, invoice, form.result)
    page = {
        "form": form,
        "invoice": invoice,
        "tournament": invoice.registration.tournament,
        "open_payment": open_payment(registration_id=registration_id),
        "give_up_minutes": settings.PAYMENT_GIVE_UP_MINUTES,
    }
    return with_error_status(render(request, "payments/checkout.html", page), {"": form})


@require_GET
@sign_in_required
def payment_return(request: HttpRequest, registration_id: int) -> HttpResponse:
    """The provider's page redirects to this URL."""
    return _call(request, registration_id, payment_refresh, failed=DECLINED)


@require_POST
@sign_in_required
def cancel(request: HttpRequest, registration_id: int) -> HttpResponse:
    shown = request.POST.get("payment")
    return _call(request, registration_id, payment_cancel, failed=CANCELED, shown=shown)


def _call(
    request: HttpRequest,
    registration_id: int,
    service: Callable[..., Payment],
    *,
    failed: str,
    shown: str | None = None,
) -> HttpResponse:
    """Calls the service for the open payment, unless the page has shown another one."""
    invoice = _get_invoice(request, registration_id)
    payment = open_payment(registration_id=registration_id)
    if payment is not None and shown not in (None, str(payment.pk)):
        payment = None
    if payment is None and invoice.status == Invoice.Status.DUE:
        messages.info(request, NOT_COMPLETED)
    if payment is None or not payment.can_be_canceled:  # a webhook or another tab was faster
        return redirect("checkout", registration_id)
    try:
        payment = service(payment_id=payment.pk, payer=user(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("checkout", registration_id)
    return _redirect(request, invoice, payment, failed)


def _redirect(
    request: HttpRequest, invoice: Invoice, payment: Payment, failed: str = ""
) -> HttpResponse:
    if payment.can_be_canceled:
        return redirect("checkout", invoice.registration_id)
    if payment.status == Payment.Status.FAILED:
        messages.info(request, failed)
        return redirect("checkout", invoice.registration_id)
    messages.success(request, SUCCESS.get(Payment.Status(payment.status), REFUNDED))
    return redirect("tournament_page", invoice.registration.tournament_id)


def _get_invoice(request: HttpRequest, registration_id: int) -> Invoice:
    """Raises Http404, also for invoices of other users."""
    invoices = Invoice.objects.select_related("registration__tournament")
    return get_object_or_404(invoices, registration__pk=registration_id, payer=user(request))
