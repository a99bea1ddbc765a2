from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.accounts import metrics, services
from apps.accounts.auth import check_write_rate
from apps.core import context
from apps.core.exceptions import TooManyRequests
from apps.web import throttling


class AccountMiddleware:
    """Requires AuthenticationMiddleware. Binds the user of a page to the context and limits their
    writes; for the API, `auth.Authenticated` does. Records every 403."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            if not request.path.startswith("/api/") and request.user.is_authenticated:
                context.bind(user_id=request.user.pk)
                check_write_rate(request)
        except TooManyRequests as error:
            return throttling.too_many_requests(request, error)
        response = self.get_response(request)
        if response.status_code == 403:
            _record_forbidden(request)
        return response


def _record_forbidden(request: HttpRequest) -> None:
    """Without a signed-in user, only counts."""
    if request.user.pk is None:
        metrics.permissions_refused.inc()
        return
    match = request.resolver_match
    services.permission_refused(
        user_id=request.user.pk,
        method=(request.method or "")[:16],
        route=match.route[:200] if match else "",
    )
