"""Django middleware: adds the user and the ids in the URL to the events of a request."""

from collections.abc import Callable
from functools import partial
from typing import Any

import sentry_sdk
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from apps.core.conf import conf


class RequestMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sentry_sdk.get_isolation_scope().add_event_processor(partial(_add, request))
        return self.get_response(request)


def _add(request: HttpRequest, event: Any, hint: Any) -> Any:
    if user := _loaded_user(request):
        fields = {"id": user.pk, "username": user.get_username()}
        event["user"] = fields | event.get("user", {})
    arguments = request.resolver_match.kwargs if request.resolver_match else {}
    ids = {name: str(arguments[name]) for name in conf.SENTRY_TAGS if name in arguments}
    numbers = {name: value for name, value in ids.items() if value.isdecimal()}
    event["tags"] = numbers | event.get("tags", {})
    return event


def _loaded_user(request: HttpRequest) -> Any:
    """None where the user was not loaded: an event must not cause a query."""
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return user if user is not None and user.is_authenticated else None
