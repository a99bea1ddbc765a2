"""Webhook endpoints. They are not part of the API: providers sign requests and have no token."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.api.errors import error
from apps.payments.gateways.base import InvalidWebhook, ProviderError
from apps.payments.services import webhook_receive
from apps.payments.services.webhooks import count_webhook


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, method: str) -> HttpResponse:
    """Providers repeat a webhook until the response is 2xx."""
    try:
        result = webhook_receive(method=method, body=request.body, headers=request.headers)
    except InvalidWebhook:
        count_webhook(method, "refused")
        return error(400, "webhook_refused", "The webhook is unsigned, too old or malformed.")
    except RequestDataTooBig:
        count_webhook(method, "refused")
        return error(413, "too_large", "The request is too large.")
    except ProviderError:
        return error(503, "not_verified", "The webhook can't be verified now. Send it again later.")
    return JsonResponse({"result": result})
