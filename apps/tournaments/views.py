"""Pages. What they show is a snapshot at the `seq` they carry; the live socket takes over there."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.core import events
from apps.core.api import MAX_ID
from apps.matches.selectors import match_list
from apps.tournaments import selectors
from apps.tournaments.bracket_view import bracket_rounds
from apps.tournaments.exceptions import TournamentNotFound
from apps.tournaments.models import Tournament

SHOWN_PER_GROUP = 12
FEED_LENGTH = 30
SNAPSHOT_TRIES = 3
Status = Tournament.Status


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    groups = [
        ("Live now", [Status.LIVE], "Nothing is being played at the moment."),
        ("Open for registration", [Status.REGISTRATION_OPEN], "No tournament takes players."),
        ("Finished", [Status.COMPLETED, Status.CANCELLED], "No tournament is over yet."),
    ]
    shown = [
        {"title": title, "tournaments": _newest(statuses), "empty": empty}
        for title, statuses, empty in groups
    ]
    return render(request, "tournaments/home.html", {"groups": shown})


@require_safe
def tournament_page(request: HttpRequest, tournament_id: int) -> HttpResponse:
    if tournament_id > MAX_ID:
        raise Http404
    try:
        context = _snapshot(tournament_id)
    except TournamentNotFound:
        raise Http404 from None
    return render(request, "tournaments/tournament.html", context)


@require_safe
def tournament_bracket(request: HttpRequest, tournament_id: int) -> HttpResponse:
    """The bracket alone, which a page fetches when it is drawn."""
    if tournament_id > MAX_ID:
        raise Http404
    try:
        tournament = selectors.tournament_get(tournament_id=tournament_id)
    except TournamentNotFound:
        raise Http404 from None
    return render(request, "tournaments/_bracket.html", _bracket(tournament))


def _newest(statuses: list[Tournament.Status]) -> list[Tournament]:
    found = selectors.tournament_list().filter(status__in=statuses)
    return list(found.order_by("-pk")[:SHOWN_PER_GROUP])


def _snapshot(tournament_id: int) -> dict[str, Any]:
    """The tournament as of `seq`: read again where something happened meanwhile."""
    stream = f"tournament:{tournament_id}"
    for _ in range(SNAPSHOT_TRIES):
        seq = events.head(stream)
        tournament = selectors.tournament_get(tournament_id=tournament_id)
        shown = {"tournament": tournament, **_bracket(tournament)}
        if events.head(stream) == seq:
            break
    recent = events.since(stream, max(0, seq - FEED_LENGTH), limit=FEED_LENGTH)
    return {**shown, "seq": seq, "recent": recent[::-1]}


def _bracket(tournament: Tournament) -> dict[str, Any]:
    return {"rounds": bracket_rounds(match_list(tournament_id=tournament.pk))}
