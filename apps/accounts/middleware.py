from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.accounts import metrics, services
from apps.accounts.auth import check_write_rate
from apps.core import context
from apps.core.exceptions import TooManyRequests
from apps.web import throttling


class AccountMiddleware:
    """After AuthenticationMiddleware. Binds who is signed in on a page (in the API,
    `auth.Authenticated` does), limits what they write, and notes what anybody is refused."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            if not request.path.startswith("/api/") and request.user.is_authenticated:
                context.bind(user_id=request.user.pk)
                check_write_rate(request)
        except TooManyRequests as refused:
            return throttling.answer(request, refused)
        response = self.get_response(request)
        if response.status_code == 403:
            _note_refusal(request)
        return response


def _note_refusal(request: HttpRequest) -> None:
    """Of nobody in particular, as where CSRF's token is missing, there is a count only."""
    if request.user.pk is None:
        metrics.permissions_refused.inc()
        return
    match = request.resolver_match
    services.permission_refused(
        user_id=request.user.pk,
        method=(request.method or "")[:16],
        route=match.route[:200] if match else "",
    )
