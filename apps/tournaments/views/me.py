"""The user's page: tournaments, matches, payments and wallet."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.auth import user
from apps.accounts.decorators import sign_in_required
from apps.accounts.models import User
from apps.matches.bracket_presenter import labeled
from apps.matches.models import Match
from apps.matches.selectors import with_entrants
from apps.payments.selectors import payments_of, wallet_balance, wallet_history
from apps.teams.selectors import invitations_of
from apps.tournaments.views.lookups import page_of

SHOWN = 10
SHOWN_PER_PAGE = 50


def _open_matches(person: User) -> QuerySet[Match]:
    """In all live tournaments, as player or captain."""
    matches = with_entrants().filter(status__in=Match.OPEN, tournament__status="live")
    mine = matches.filter(Q(entrant_a__player=person) | Q(entrant_b__player=person))
    return mine.order_by("scheduled_at", "pk")


LISTS: dict[str, tuple[str, Callable[[User], QuerySet[Any]]]] = {
    "entered": (
        "My tournaments",
        lambda person: person.registrations.select_related("tournament", "team"),
    ),
    "organized": ("Organizing", lambda person: person.tournaments.all()),
    "payments": (
        "Payments",
        lambda person: payments_of(payer=person).select_related(
            "invoice__registration__tournament"
        ),
    ),
    "coins": ("Wallet history", lambda person: wallet_history(owner=person)),
}


@require_safe
@sign_in_required
def me(request: HttpRequest) -> HttpResponse:
    person = user(request)
    page: dict[str, Any] = {
        "matches": labeled(_open_matches(person)[:SHOWN]),
        "balance": wallet_balance(owner=person),
        "invitations": invitations_of(user=person).count(),
    }
    for name, (_, listed) in LISTS.items():
        rows = list(listed(person).order_by("-pk")[: SHOWN + 1])
        page |= {name: rows[:SHOWN], f"more_{name}": len(rows) > SHOWN}
    return render(request, "tournaments/me.html", page)


@require_safe
@sign_in_required
def my_list(request: HttpRequest, name: str) -> HttpResponse:
    if name not in LISTS:
        raise Http404
    title, listed = LISTS[name]
    shown, next_before = page_of(listed(user(request)), request, SHOWN_PER_PAGE)
    page = {"title": title, "name": name, name: shown, "next": next_before}
    return render(request, "tournaments/my_list.html", page)
