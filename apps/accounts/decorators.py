"""Access to pages."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def sign_in_required(view: View[P]) -> View[P]:
    """Like Django's `login_required`. After a POST, sign-in returns to the page of the form, as the
    posted URL may not support GET."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            form_page = urlsplit(request.headers.get("Referer", "")).path
            is_post = request.method == "POST"
            return redirect_to_login((is_post and form_page) or request.path)
        return view(request, *args, **kwargs)

    return inner


def sign_in_required_for_post(view: View[P]) -> View[P]:
    protected = sign_in_required(view)

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return (protected if request.method == "POST" else view)(request, *args, **kwargs)

    return inner


def next_page(request: HttpRequest) -> str:
    """The path in "next" if it belongs to this site, else "/"."""
    path = request.POST.get("next") or request.GET.get("next") or "/"
    is_safe = url_has_allowed_host_and_scheme(
        path, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return path if is_safe else "/"
