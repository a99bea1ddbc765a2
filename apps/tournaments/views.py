from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def tournament_page(request: HttpRequest, tournament_id: int) -> HttpResponse:
    return HttpResponse("")


def tournament_bracket(request: HttpRequest, tournament_id: int) -> HttpResponse:
    return HttpResponse("")
