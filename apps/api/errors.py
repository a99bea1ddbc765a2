"""All errors of the API as JSON: {"error": {"code", "message", "fields"}}."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from apps.core.exceptions import DomainError, TooManyRequests

CODES = {
    400: ("bad_request", "We couldn't understand that request."),
    401: ("unauthenticated", "Sign in, or send a token: `Authorization: Bearer TOKEN`."),
    403: ("forbidden", "You can't do that."),
    404: ("not_found", "Not found."),
    405: ("method_not_allowed", "This URL does not support that method."),
    409: ("conflict", "That isn't possible right now."),
    413: ("too_large", "The request is too large."),
    422: ("invalid", "Some fields are invalid."),
    429: ("rate_limited", "Too many attempts."),
    500: ("server_error", "Something went wrong on our side. The request ID identifies the error."),
}


def error(
    status: int, code: str, message: str, fields: dict[str, str] | None = None
) -> JsonResponse:
    body: dict[str, Any] = {"code": code, "message": message}
    if fields:
        body["fields"] = fields
    return JsonResponse({"error": body}, status=status)


def install_error_handlers(api: NinjaAPI) -> None:
    @api.exception_handler(DomainError)
    def domain_error(request: HttpRequest, exc: DomainError) -> HttpResponse:
        response = error(exc.status, exc.code, exc.message, exc.fields)
        if isinstance(exc, TooManyRequests):
            response.headers["Retry-After"] = str(exc.retry_after)
        return response

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
        fields = {_field_name(each["loc"]): str(each["msg"]) for each in exc.errors}
        return error(422, *CODES[422], fields)

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, exc: HttpError) -> HttpResponse:
        if exc.status_code == 400:
            return error(400, "malformed_json", "The body is not valid JSON.")
        code, message = CODES.get(exc.status_code, ("error", exc.message))
        return error(exc.status_code, code, message)

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, exc: Http404) -> HttpResponse:
        return error(404, *CODES[404])

    @api.exception_handler(RequestDataTooBig)
    def too_big(request: HttpRequest, exc: RequestDataTooBig) -> HttpResponse:
        return error(413, *CODES[413])


def _field_name(location: tuple[str | int, ...]) -> str:
    """`("body", "account", "username")` is `username`: clients do not know our argument names."""
    inner = [str(part) for part in location[1:] if part not in ("data", "query")]
    name = ".".join(inner) or "body"
    return name.replace("_", "-") if location[0] == "header" else name


class ErrorShapeMiddleware:
    """Converts Django's own error responses under /api/ (unknown path, wrong method, CSRF, 500)."""

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
