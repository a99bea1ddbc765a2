"""Every error of the API in one JSON shape."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from apps.core.exceptions import DomainError, TooManyRequests

CODES = {
    400: ("bad_request", "The request cannot be read."),
    401: ("unauthenticated", "Sign in, or send a token: `Authorization: Bearer TOKEN`."),
    403: ("forbidden", "This is not yours to do."),
    404: ("not_found", "There is no such thing."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("too_large", "The request is too large."),
    422: ("invalid", "Some fields are not acceptable."),
    429: ("rate_limited", "That was too often. Try again later."),
    500: ("server_error", "The fault is ours. It was recorded under the request id."),
}


def error(
    status: int, code: str, message: str, fields: dict[str, str] | None = None
) -> JsonResponse:
    body: dict[str, Any] = {"code": code, "message": message}
    if fields:
        body["fields"] = fields
    return JsonResponse({"error": body}, status=status)


def install_error_handlers(api: NinjaAPI) -> None:
    """Every error of the API in one shape."""

    @api.exception_handler(DomainError)
    def refused(request: HttpRequest, exc: DomainError) -> HttpResponse:
        answer = error(exc.status, exc.code, exc.message, exc.fields)
        if isinstance(exc, TooManyRequests):
            answer.headers["Retry-After"] = str(exc.retry_after)
        return answer

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
        fields = {_field(fault["loc"]): str(fault["msg"]) for fault in exc.errors}
        return error(422, "invalid", "Some fields are not acceptable.", fields)

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, exc: HttpError) -> HttpResponse:
        if exc.status_code == 400:
            return error(400, "malformed_json", "The body is not JSON that can be read.")
        code, message = CODES.get(exc.status_code, ("error", exc.message))
        return error(exc.status_code, code, message)

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, exc: Http404) -> HttpResponse:
        return error(404, *CODES[404])

    @api.exception_handler(RequestDataTooBig)
    def too_big(request: HttpRequest, exc: RequestDataTooBig) -> HttpResponse:
        return error(413, *CODES[413])


def _field(location: tuple[str | int, ...]) -> str:
    """`("body", "account", "username")` is `username`: the caller does not know our arguments."""
    inner = [str(part) for part in location[1:] if part not in ("data", "query")]
    name = ".".join(inner) or "body"
    return name.replace("_", "-") if location[0] == "header" else name


class ErrorShapeMiddleware:
    """Gives what Django itself answers under /api/ (no such path, wrong method, CSRF, 500) the
    API's shape."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path.startswith("/api/"):
            return response
        if response.headers.get("Content-Type", "").startswith("application/json"):
            return response
        shaped = error(response.status_code, *CODES.get(response.status_code, CODES[400]))
        for name in ("Allow", "WWW-Authenticate", "Retry-After"):
            if name in response.headers:
                shaped.headers[name] = response.headers[name]
        return shaped
