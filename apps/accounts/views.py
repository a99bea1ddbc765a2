from functools import partial

from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts import services
from apps.accounts.auth import user
from apps.accounts.decorators import next_page, sign_in_required
from apps.accounts.forms import PasswordForm, SignInForm, SignUpForm, TokenForm
from apps.web.forms import Action, PageForms, ServiceForm, with_error_status

secrets = sensitive_post_parameters("password", "current", "new")


@secrets
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.submit(services.account_create):
        services.session_begin(request, user=form.result)
        return redirect(next_page(request))
    return _render(request, form, "Sign up")


@secrets
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" and request.user.is_authenticated:
        return redirect(next_page(request))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.submit(partial(services.session_start, request)):
        return redirect(next_page(request))
    return _render(request, form, "Sign in")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """GET shows a confirmation, so that a link cannot sign a user out."""
    if request.method != "POST":
        return render(request, "accounts/sign_out.html")
    logout(request)
    return redirect("home")


@secrets
@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def account(request: HttpRequest) -> HttpResponse:
    me = user(request)
    change = partial(services.password_change, request=request)
    actions = {
        "password": Action(change, PasswordForm, "Password changed. All API tokens were revoked."),
        "revoke": Action(services.token_revoke, TokenForm, "Token revoked."),
    }
    forms = PageForms(request, actions, user=me)
    if forms["password"].done:
        update_session_auth_hash(request, me)
    if forms.done:
        return redirect("account")
    page = {"forms": forms, "tokens": me.api_tokens.all()[:100]}
    return with_error_status(render(request, "accounts/account.html", page), forms)


def _render(request: HttpRequest, form: ServiceForm, title: str) -> HttpResponse:
    page = {"form": form, "title": title, "next": next_page(request)}
    return with_error_status(render(request, "accounts/sign_in.html", page), {"": form})
