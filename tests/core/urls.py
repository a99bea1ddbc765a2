"""Views for tests."""

import threading
from collections.abc import Iterator

from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from apps.core import context

entered, release = threading.Event(), threading.Event()


def boom(request: HttpRequest) -> HttpResponse:
    context.bind(tournament_id=7, user_id=11)
    canary = request.headers.get("Authorization", "")
    raise ZeroDivisionError(f"secret detail, {len(canary)}")


@csrf_exempt
def upload(request: HttpRequest) -> JsonResponse:
    sizes = {}
    for name, file in request.FILES.items():
        assert not isinstance(file, list)
        sizes[name] = file.size
    return JsonResponse(sizes)


def cookies(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(request.COOKIES.get("given", ""))
    response.set_cookie("one", "1")
    response.set_cookie("two", "2", httponly=True)
    return response


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def chunks() -> Iterator[str]:
        for number in range(3):
            yield f"{number} in {threading.current_thread().name.partition('_')[0]}\n"

    return StreamingHttpResponse(chunks(), content_type="text/plain")


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(open(__file__, "rb"))  # noqa: PTH123 the response closes it


def whoami(request: HttpRequest) -> JsonResponse:
    return JsonResponse({**context.current(), "thread": threading.current_thread().name})


def hold(request: HttpRequest) -> HttpResponse:
    entered.set()
    release.wait(10)
    return HttpResponse("released")


def query(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("queried")


VIEWS = (boom, upload, cookies, stream, file, whoami, hold, query)
urlpatterns = [path(view.__name__, view, name=view.__name__) for view in VIEWS]
urlpatterns += [path("api/boom", boom)]
