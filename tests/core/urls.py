"""Views for tests."""

import threading
from collections.abc import Iterator

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from apps.core import context

release = threading.Event()


def boom(request: HttpRequest) -> HttpResponse:
    context.bind(tournament_id=7, user_id=11)
    raise ZeroDivisionError("secret detail")


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
    release.wait(10)
    return HttpResponse("released")


VIEWS = (boom, upload, cookies, stream, file, whoami, hold)
urlpatterns = [path(view.__name__, view, name=view.__name__) for view in VIEWS]
urlpatterns += [path("api/boom", boom)]
