"""429, in the API's shape or as a page, with when to come again."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.api.errors import error
from apps.core.exceptions import TooManyRequests


def answer(request: HttpRequest, refused: TooManyRequests) -> HttpResponse:
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = error(refused.status, refused.code, refused.message)
    else:
        told = {"message": refused.message, "seconds": refused.retry_after}
        response = render(request, "429.html", told, status=refused.status)
    response.headers["Retry-After"] = str(refused.retry_after)
    return response


class TooManyRequestsMiddleware:
    """Django middleware: for what raises outside the API, as the admin's own sign-in does."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        return answer(request, fault) if isinstance(fault, TooManyRequests) else None
