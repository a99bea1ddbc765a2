"""How our HTTP API says things: schemas, errors, pages, permissions."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Query, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field

from apps.core.exceptions import Refusal, TooManyRequests

MAX_ID = 2**63 - 1
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


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL")
    return text


def _text(moment: object) -> object:
    """JSON has no other form for a moment; numbers would be taken for seconds."""
    if moment is not None and not isinstance(moment, str):
        raise ValueError("must be text in RFC 3339's form")
    return moment


def _in_this_century(moment: datetime) -> datetime:
    if not 2000 <= moment.year < 2100:
        raise ValueError("must be in this century")
    return moment


Text = Annotated[str, AfterValidator(_without_nul)]
Moment = Annotated[
    AwareDatetime,
    Field(strict=False),
    AfterValidator(_in_this_century),
    BeforeValidator(_text),
]
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Seq = Annotated[int, Field(ge=0, le=MAX_ID)]


class Input(Schema):
    """What a client sends: exact types, and nothing we do not know."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)


class PersonOut(Schema):
    id: int
    username: str


class TeamOut(Schema):
    id: int
    name: str


class EntrantOut(Schema):
    """Who takes part: `player`, or `team` for which `player` acts. `id` is the registration's."""

    id: int
    name: str
    player: PersonOut
    team: TeamOut | None


class ErrorBody(Schema):
    code: str
    message: str
    fields: dict[str, str] | None = None


class ErrorOut(Schema):
    error: ErrorBody


class PageQuery(Input):
    model_config = ConfigDict(strict=False)

    cursor: Id | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


PageParams = Query[PageQuery]

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)


class Page(Schema, Generic[Item]):
    items: list[Item]
    next: str | None


def page(rows: QuerySet[Row], query: PageQuery, show: Callable[[Row], Any]) -> dict[str, Any]:
    """A page of rows, newest first. The cursor is the last row's id, so inserts move nothing."""
    if query.cursor is not None:
        rows = rows.filter(pk__lt=query.cursor)
    found = list(rows.order_by("-pk")[: query.limit + 1])
    more = len(found) > query.limit
    shown = found[: query.limit]
    return {"items": [show(row) for row in shown], "next": str(shown[-1].pk) if more else None}


def error(
    status: int, code: str, message: str, fields: dict[str, str] | None = None
) -> JsonResponse:
    body: dict[str, Any] = {"code": code, "message": message}
    if fields:
        body["fields"] = fields
    return JsonResponse({"error": body}, status=status)


def install_error_handlers(api: NinjaAPI) -> None:
    """Every error of the API in one shape."""

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, exc: Refusal) -> HttpResponse:
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
