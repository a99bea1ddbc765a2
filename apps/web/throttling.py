"""429 responses with Retry-After: JSON for the API, else a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.api.errors import error
from apps.core.exceptions import TooManyRequests


def too_many_requests(request: HttpRequest, exc: TooManyRequests) -> HttpResponse:
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = error(exc.status, exc.code, exc.message)
    else:
        page = {"message": exc.message, "seconds": exc.retry_after}
        response = render(request, "429.html", page, status=exc.status)
    response.headers["Retry-After"] = str(exc.retry_after)
    return response


class TooManyRequestsMiddleware:
    """Handles TooManyRequests outside the API, for example from the admin's sign-in page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        return too_many_requests(request, exc) if isinstance(exc, TooManyRequests) else None
