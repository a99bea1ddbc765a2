from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from apps.payments.gateways.base import Outcome
from apps.payments.gateways.sandbox.gateway import decide
from apps.payments.models import SandboxCharge


@require_http_methods(["GET", "HEAD", "POST"])
def sandbox_page(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Stands for a provider's hosted payment page: its URL is the only credential."""
    charges = SandboxCharge.objects.exclude(return_url="")
    charge = get_object_or_404(charges, provider_id=provider_id)
    return_path = urlsplit(charge.return_url).path  # PUBLIC_URL may name another host
    decision = request.POST.get("outcome")
    if decision in (Outcome.SUCCEEDED, Outcome.DECLINED):
        decide(provider_id, Outcome(decision))
        return redirect(return_path)
    status = 422 if request.method == "POST" else 200
    page = {"charge": charge, "return_path": return_path}
    return render(request, "payments/sandbox.html", page, status=status)
