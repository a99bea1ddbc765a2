from urllib.parse import urlsplit

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.payments.gateways.base import Outcome
from apps.payments.gateways.sandbox.gateway import decide
from apps.payments.models import SandboxCharge


class DecisionForm(forms.Form):
    outcome = forms.TypedChoiceField(
        choices=[(one.value, one.value) for one in (Outcome.SUCCEEDED, Outcome.DECLINED)],
        coerce=Outcome,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sandbox_page(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The page on which a provider asks the payer. Whoever knows its address is the payer, as with
    the real ones."""
    charge = SandboxCharge.objects.filter(provider_id=provider_id).exclude(back_to="").first()
    if charge is None:
        raise Http404
    back = urlsplit(charge.back_to).path  # on this host, by whichever name it was reached
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        decide(provider_id, form.cleaned_data["outcome"])
        return redirect(back)
    status = 422 if form.errors else 200
    page = {"charge": charge, "back": back}
    return render(request, "payments/sandbox.html", page, status=status)
