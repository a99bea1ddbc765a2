"""The page on which a seat is paid for, and the way to the provider's page and back."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.auth import user
from apps.accounts.decorators import sign_in_required
from apps.api.schemas import MAX_ID
from apps.core.exceptions import DomainError
from apps.payments.forms import CheckoutForm
from apps.payments.gateways import live_methods
from apps.payments.models import Invoice, Payment
from apps.payments.selectors import payment_under_way
from apps.payments.services import payment_cancel, payment_create, payment_refresh
from apps.web.forms import with_error_status

SAID = {
    Payment.Status.SUCCEEDED: "Paid: the seat is yours.",
    Payment.Status.PROCESSING: "The provider is at it: you will see here how it ends.",
}
DECLINED = "The payment was declined. Try to pay in another way."
OVER = "That payment is over, and nothing is paid. Pay in another way."
CALLED_OFF = "That payment is called off. Pay in another way."


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def checkout(request: HttpRequest, registration_id: int) -> HttpResponse:
    invoice = _owed(request, registration_id)
    live = live_methods()
    form = CheckoutForm(request.POST if request.method == "POST" else None, live=live)
    if request.method == "POST":
        known = {"payer": user(request), "registration_id": registration_id}
        if form.submit(payment_create, **known):
            return _went_on(request, invoice, form.result)
    page = {
        "form": form,
        "invoice": invoice,
        "tournament": invoice.registration.tournament,
        "under_way": payment_under_way(registration_id=registration_id),
        "patience": settings.PAYMENT_GIVE_UP_MINUTES,
    }
    return with_error_status(render(request, "payments/checkout.html", page), {"": form})


@require_GET
@sign_in_required
def came_back(request: HttpRequest, registration_id: int) -> HttpResponse:
    """From the provider's page."""
    return _waiting(request, registration_id, payment_refresh, declined=DECLINED)


@require_POST
@sign_in_required
def cancel(request: HttpRequest, registration_id: int) -> HttpResponse:
    shown = request.POST.get("payment")
    return _waiting(request, registration_id, payment_cancel, declined=CALLED_OFF, shown=shown)


def _waiting(
    request: HttpRequest,
    registration_id: int,
    service: Callable[..., Payment],
    *,
    declined: str,
    shown: str | None = None,
) -> HttpResponse:
    """Does something with the payment that waits, if it is the one that they were shown."""
    invoice = _owed(request, registration_id)
    payment = payment_under_way(registration_id=registration_id)
    if payment is not None and shown not in (None, str(payment.pk)):
        payment = None
    if payment is None and invoice.status == Invoice.Status.DUE:
        messages.info(request, OVER)
    if payment is None or not payment.can_be_called_off:  # a webhook was faster, or another tab
        return redirect("checkout", registration_id)
    try:
        payment = service(payment_id=payment.pk, payer=user(request))
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect("checkout", registration_id)
    return _went_on(request, invoice, payment, declined)


def _went_on(
    request: HttpRequest, invoice: Invoice, payment: Payment, declined: str = ""
) -> HttpResponse:
    if payment.can_be_called_off:  # it waits, for the payer or the provider
        return redirect("checkout", invoice.registration_id)
    if payment.status == Payment.Status.FAILED:
        messages.info(request, declined)
        return redirect("checkout", invoice.registration_id)
    messages.success(request, SAID.get(Payment.Status(payment.status), "The payment is over."))
    return redirect("tournament_page", invoice.registration.tournament_id)


def _owed(request: HttpRequest, registration_id: int) -> Invoice:
    """Raises Http404, for other people's too."""
    if registration_id > MAX_ID:
        raise Http404
    invoices = Invoice.objects.select_related("registration__tournament")
    owed = invoices.filter(registration_id=registration_id, payer=user(request)).first()
    if owed is None:
        raise Http404
    return owed
