"""The home page and the tournament lists."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.games.models import Game
from apps.matches.models import Match
from apps.tournaments import selectors
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.views.lookups import page_of

SHOWN_PER_GROUP = 6
SHOWN_PER_PAGE = 24
Status = Tournament.Status


class Group(NamedTuple):
    slug: str
    title: str
    statuses: list[Status]
    empty: str


class Card(NamedTuple):
    tournament: Tournament
    played: int
    matches: int


GROUPS = (
    Group("live", "Live now", [Status.LIVE], "Nothing is live right now."),
    Group("open", "Open for registration", Tournament.BEFORE_START,
          "No tournaments are open for registration."),
    Group("finished", "Finished tournaments", [Status.COMPLETED], "No finished tournaments yet."),
)  # fmt: skip
PUBLIC = [status for group in GROUPS for status in group.statuses]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    game = _chosen_game(request)
    groups = []
    for group in GROUPS:
        cards = _with_progress(_tournaments_of(group, game)[: SHOWN_PER_GROUP + 1])
        more = len(cards) > SHOWN_PER_GROUP
        groups.append({"group": group, "cards": cards[:SHOWN_PER_GROUP], "more": more})
    page = {"groups": groups, "games": _games(), "game": game}
    return render(request, "tournaments/home.html", page)


@require_safe
def tournament_index(request: HttpRequest, slug: str) -> HttpResponse:
    group = next((group for group in GROUPS if group.slug == slug), None)
    if group is None:
        raise Http404
    game = _chosen_game(request)
    shown, next_before = page_of(_tournaments_of(group, game), request, SHOWN_PER_PAGE)
    page = {
        "group": group,
        "cards": _with_progress(shown),
        "games": _games(),
        "game": game,
        "next": next_before,
    }
    return render(request, "tournaments/index.html", page)


def _tournaments_of(group: Group, game: str) -> QuerySet[Tournament]:
    champion = Registration.objects.filter(tournament=OuterRef("pk"), place=1)
    tournaments = (
        selectors.tournament_list()
        .annotate(champion_team=Subquery(champion.values("team__name")[:1]))
        .filter(status__in=group.statuses)
        .order_by("-pk")
    )
    return tournaments.filter(game_id=game) if game else tournaments


def _with_progress(tournaments: Iterable[Tournament]) -> list[Card]:
    """With the number of completed matches, and of all matches so far."""
    shown = list(tournaments)
    matches = Match.objects.filter(tournament__in=shown).order_by().values_list("tournament")
    over = Count("pk", filter=Q(status=Match.Status.COMPLETED))
    counts = matches.annotate(played=over, total=Count("pk"))
    progress = {pk: (played, total) for pk, played, total in counts}
    return [Card(row, *progress.get(row.pk, (0, 0))) for row in shown]


def _games() -> list[str]:
    """Games with public tournaments, the most played first."""
    played = Game.objects.filter(tournaments__status__in=PUBLIC)
    counted = played.annotate(held=Count("tournaments")).order_by("-held", "title")
    return list(counted.values_list("title", flat=True)[:20])


def _chosen_game(request: HttpRequest) -> str:
    """Empty for all games, also for an unknown title: old links may have one."""
    title = request.GET.get("game", "")[:40].replace("\x00", "")
    return title if title and Game.objects.filter(title=title).exists() else ""
