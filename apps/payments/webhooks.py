"""Where providers tell what happened: outside the API, whose callers have tokens. These sign."""

from collections.abc import Callable
from functools import partial

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.api.errors import error
from apps.payments.gateways.base import Unavailable, WebhookRefused
from apps.payments.services import webhook_receive
from apps.payments.services.webhooks import Result, count_webhook


def _webhook(request: HttpRequest, *, method: str) -> HttpResponse:
    """What is answered with 2xx is not sent again; 400 is for what we shall never take."""
    try:
        result = webhook_receive(method=method, body=request.body, headers=request.headers)
    except WebhookRefused:
        count_webhook(method, Result.REFUSED)
        return error(400, "webhook_refused", "It is not signed, too old, or cannot be read.")
    except RequestDataTooBig:
        count_webhook(method, Result.REFUSED)
        return error(413, "too_large", "The request is too large.")
    except Unavailable:
        return error(503, "not_verified", "It cannot be verified now. Send it again.")
    return JsonResponse({"result": result})


def webhook_view(method: str) -> Callable[[HttpRequest], HttpResponse]:
    return csrf_exempt(require_POST(partial(_webhook, method=method)))
