"""Who is looking at a page."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def signed_in(view: View[P]) -> View[P]:
    """Who is not is sent to sign in, and comes back to the page. What was posted may have none of
    its own: then it is that on which it stood."""

    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            stood_on = urlsplit(request.headers.get("Referer", "")).path
            is_posted = request.method == "POST"
            return redirect_to_login((is_posted and stood_on) or request.path)
        return view(request, *args, **kwargs)

    update_wrapper(inner, view)
    return inner


def signed_in_to_post(view: View[P]) -> View[P]:
    """Everybody may look, who is signed in may do."""
    strict = signed_in(view)

    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return (strict if request.method == "POST" else view)(request, *args, **kwargs)

    update_wrapper(inner, view)
    return inner


def person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def next_page(request: HttpRequest) -> str:
    """Where to go on: a page of ours, whatever the address says."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else "/"
