"""Django's part: the request, for its user and the arguments in its URL."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.core.sentry import client_input


class RequestMiddleware:
    """Costs nothing until there is something to tell."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if client := client_input.current():
            client.request = request
        return self.get_response(request)
