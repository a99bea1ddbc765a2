"""What any site has: a page for our own faults, what people say about it, what browsers report.

handler500 = "apps.web.views.server_error"
path("feedback", views.feedback, name="feedback"),
path("csp-report", views.csp_report, name="csp_report"),
"""

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
from django.views.decorators.csrf import csrf_exempt, requires_csrf_token
from django.views.decorators.http import require_POST, require_safe

from apps.core import context, rate_limits, sentry
from apps.core.sentry.feedback import MAX_MESSAGE

logger = logging.getLogger(__name__)
SALT = "feedback"
DAY = 86_400
MAX_REPORT = 16 * 1024
TOLD_OF_A_REPORT = ("effective-directive", "blocked-uri", "document-uri", "source-file")


class FeedbackForm(forms.Form):
    """`about` is the error that this person met, signed by us: there is no other to write about."""

    about = forms.CharField(widget=forms.HiddenInput, max_length=512)
    message = forms.CharField(
        label="What did you do when it happened?",
        max_length=MAX_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    email = forms.EmailField(label="E-mail, if you want an answer", required=False, max_length=254)

    def clean_about(self) -> dict[str, str]:
        try:
            about: dict[str, str] = signing.loads(
                self.cleaned_data["about"], salt=SALT, max_age=DAY
            )
        except signing.BadSignature:
            raise forms.ValidationError("This page is too old to write about.") from None
        return about


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Asks neither the database nor the session, as either may be the fault."""
    page: dict[str, Any] = {}
    if sentry.enabled():
        about = {
            "request_id": context.request_id(),
            "event_id": sentry_sdk.last_event_id() or "",
        }
        form = FeedbackForm(initial={"about": signing.dumps(about, salt=SALT)})
        page = {"form": form, "csrf_token": get_token(request)}
    return HttpResponseServerError(loader.get_template("500.html").render(page))


@require_POST
def feedback(request: HttpRequest) -> HttpResponse:
    if not sentry.enabled():
        raise Http404
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return render(request, "web/feedback.html", {"form": form}, status=422)
    about = form.cleaned_data["about"]
    if cache.add(f"feedback:{about['request_id']}", 1, DAY):
        sentry.feedback(form.cleaned_data["message"], email=form.cleaned_data["email"], **about)
    return redirect("feedback_sent")


@require_safe
def feedback_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "web/feedback_sent.html")


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """A browser says what our policy kept it from: an injection, or a page of ours that is wrong.
    Whoever sends it, no more than these few texts of it are logged, and so many a minute."""
    if not rate_limits.try_acquire("csp_reports", context.client()):
        return HttpResponse(status=429)
    if len(request.body) > MAX_REPORT:
        raise BadRequest("too long for a report")
    try:
        report = json.loads(request.body)["csp-report"]
        told = {name.replace("-", "_"): _bare(report.get(name)) for name in TOLD_OF_A_REPORT}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadRequest("no report") from None
    logger.warning("Content security policy violated", extra=told)
    return HttpResponse(status=204)


def _bare(place: object) -> str:
    """Without a query, where secrets may be."""
    return str(place or "").partition("?")[0][:200]
