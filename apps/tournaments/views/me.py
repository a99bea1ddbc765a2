"""What is yours: where you play, what you organize, what you paid and won."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.auth import user
from apps.accounts.decorators import signed_in
from apps.accounts.models import User
from apps.matches.bracket_presenter import placed
from apps.payments.selectors import payments_of, wallet_balance, wallet_history
from apps.teams.selectors import invitations_of
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.participation import matches_waiting
from apps.web.forms import id_of

SHOWN = 10
SHOWN_PER_PAGE = 50


def _entered(person: User) -> QuerySet[Registration]:
    return Registration.objects.filter(player=person).select_related("tournament", "team")


def _organised(person: User) -> QuerySet[Tournament]:
    return Tournament.objects.filter(organizer=person)


def _payments(person: User) -> QuerySet[Any]:
    return payments_of(payer=person).select_related("invoice__registration__tournament")


def _coins(person: User) -> QuerySet[Any]:
    return wallet_history(owner=person)


LISTS = {
    "entered": ("You play in", _entered),
    "organised": ("You organise", _organised),
    "payments": ("Payments", _payments),
    "coins": ("DeltaCoin that came and went", _coins),
}


@require_safe
@signed_in
def me(request: HttpRequest) -> HttpResponse:
    person = user(request)
    page: dict[str, Any] = {
        "matches": placed(matches_waiting(person)[:SHOWN]),
        "balance": wallet_balance(owner=person),
        "invitations": invitations_of(user=person).count(),
    }
    for name, (_, listed) in LISTS.items():
        found = list(listed(person).order_by("-pk")[: SHOWN + 1])
        page |= {name: found[:SHOWN], f"more_{name}": len(found) > SHOWN}
    return render(request, "tournaments/me.html", page)


@require_safe
@signed_in
def my_list(request: HttpRequest, name: str) -> HttpResponse:
    """One of the lists, all of it, page by page; `before` is the last id of the page before."""
    if name not in LISTS:
        raise Http404
    title, listed = LISTS[name]
    found = listed(user(request)).order_by("-pk")
    if before := id_of(request.GET.get("before", "")):
        found = found.filter(pk__lt=before)
    rows = list(found[: SHOWN_PER_PAGE + 1])
    shown = rows[:SHOWN_PER_PAGE]
    page = {
        "title": title,
        "name": name,
        name: shown,
        "next": shown[-1].pk if len(rows) > SHOWN_PER_PAGE else None,
    }
    return render(request, "tournaments/my_list.html", page)
