"""Server error page (`handler500`), user feedback about errors, CSP reports, and the icon."""

import json
import logging
from typing import Any

import sentry_sdk
from django import forms
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseServerError
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template import loader
from django.templatetags.static import static
from django.views.decorators.csrf import csrf_exempt, requires_csrf_token
from django.views.decorators.http import require_POST, require_safe

from apps.core import context, rate_limits, sentry
from apps.core.sentry.feedback import MAX_MESSAGE, send_feedback

logger = logging.getLogger(__name__)
SALT = "feedback"
DAY = 86_400
MAX_REPORT_BYTES = 16 * 1024
REPORT_FIELDS = ("effective-directive", "blocked-uri", "document-uri", "source-file")


class FeedbackForm(forms.Form):
    """`reference` is the signed id of the error: feedback needs a real error."""

    reference = forms.CharField(widget=forms.HiddenInput, max_length=512)
    message = forms.CharField(
        label="What were you doing when this happened?",
        max_length=MAX_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    email = forms.EmailField(
        label="Email (optional, if you'd like a reply)", required=False, max_length=254
    )

    def clean_reference(self) -> dict[str, str]:
        try:
            reference: dict[str, str] = signing.loads(
                self.cleaned_data["reference"], salt=SALT, max_age=DAY
            )
        except signing.BadSignature:
            raise forms.ValidationError("This form has expired.") from None
        return reference


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Uses neither the database nor the session: either may be the cause."""
    page: dict[str, Any] = {}
    if sentry.enabled():
        reference = {
            "request_id": context.request_id(),
            "event_id": sentry_sdk.last_event_id() or "",
        }
        form = FeedbackForm(initial={"reference": signing.dumps(reference, salt=SALT)})
        page = {"form": form, "csrf_token": get_token(request)}
    return HttpResponseServerError(loader.get_template("500.html").render(page))


@require_POST
def feedback(request: HttpRequest) -> HttpResponse:
    if not sentry.enabled():
        raise Http404
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return render(request, "web/feedback.html", {"form": form}, status=422)
    reference = form.cleaned_data["reference"]
    if cache.add(f"feedback:{reference['request_id']}", 1, DAY):
        send_feedback(form.cleaned_data["message"], email=form.cleaned_data["email"], **reference)
    return redirect("feedback_sent")


@require_safe
def feedback_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "web/feedback_sent.html")


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Logs a browser's report of a violated Content Security Policy. Anyone can send reports, so
    their number, size and fields are limited."""
    if not rate_limits.try_acquire("csp_reports", context.client()):
        return HttpResponse(status=429)
    if len(request.body) > MAX_REPORT_BYTES:
        raise BadRequest("report too large")
    try:
        report = json.loads(request.body)["csp-report"]
        fields = {name.replace("-", "_"): _clean(report.get(name)) for name in REPORT_FIELDS}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadRequest("not a CSP report") from None
    logger.warning("Content security policy violated", extra=fields)
    return HttpResponse(status=204)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For clients that request the icon without reading a page, such as feed readers."""
    return redirect(static("web/crown.svg"))


def _clean(value: object) -> str:
    """Without the query string, which may contain secrets."""
    return str(value or "").partition("?")[0][:200]
