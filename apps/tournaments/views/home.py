"""The front page, and all there is of what it shows the newest of."""

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
from apps.web.forms import id_of

SHOWN_PER_GROUP = 6
SHOWN_PER_PAGE = 24
Status = Tournament.Status


class Group(NamedTuple):
    slug: str
    title: str
    statuses: tuple[Status, ...]
    empty: str


class Card(NamedTuple):
    tournament: Tournament
    played: int
    matches: int


GROUPS = (
    Group("live", "Live now", (Status.LIVE,), "Nothing is being played at the moment."),
    Group(
        "open",
        "Open for registration",
        tuple(Tournament.BEFORE_THE_START),
        "No tournament takes players right now.",
    ),
    Group("finished", "Finished", (Status.COMPLETED,), "No tournament is over yet."),
)
PUBLIC = [status for group in GROUPS for status in group.statuses]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    game = _chosen_game(request)
    shown = [(group, _with_progress(_of(group, game)[: SHOWN_PER_GROUP + 1])) for group in GROUPS]
    groups = [
        {"group": group, "cards": found[:SHOWN_PER_GROUP], "more": found[SHOWN_PER_GROUP:]}
        for group, found in shown
    ]
    page = {"groups": groups, "games": _games(), "game": game}
    return render(request, "tournaments/home.html", page)


@require_safe
def tournament_index(request: HttpRequest, slug: str) -> HttpResponse:
    """One group, page by page; `before` is the last id of the page before."""
    group = next((one for one in GROUPS if one.slug == slug), None)
    if group is None:
        raise Http404
    game = _chosen_game(request)
    found = _of(group, game)
    if before := id_of(request.GET.get("before", "")):
        found = found.filter(pk__lt=before)
    listed = _with_progress(found[: SHOWN_PER_PAGE + 1])
    shown = listed[:SHOWN_PER_PAGE]
    page = {
        "group": group,
        "cards": shown,
        "games": _games(),
        "game": game,
        "next": shown[-1].tournament.pk if len(listed) > SHOWN_PER_PAGE else None,
    }
    return render(request, "tournaments/index.html", page)


def _of(group: Group, game: str) -> QuerySet[Tournament]:
    champion = Registration.objects.filter(tournament=OuterRef("pk"), place=1)
    found = selectors.tournament_list().annotate(
        champion_team=Subquery(champion.values("team__name")[:1])
    )
    found = found.filter(status__in=group.statuses).order_by("-pk")
    return found.filter(game_id=game) if game else found


def _with_progress(tournaments: Iterable[Tournament]) -> list[Card]:
    """How many matches of each are played, of those that are known."""
    shown = list(tournaments)
    matches = Match.objects.filter(tournament__in=shown).order_by().values_list("tournament")
    over = Count("pk", filter=Q(status=Match.Status.COMPLETED))
    counted = matches.annotate(played=over, known=Count("pk"))
    progress = {pk: (played, known) for pk, played, known in counted}
    return [Card(one, *progress.get(one.pk, (0, 0))) for one in shown]


def _games() -> list[str]:
    """Those that are or were played here, the most played first."""
    played = Game.objects.filter(tournaments__status__in=PUBLIC)
    counted = played.annotate(held=Count("tournaments")).order_by("-held", "title")
    return list(counted.values_list("title", flat=True)[:20])


def _chosen_game(request: HttpRequest) -> str:
    """Empty for all; a title that there is not is all games too, as an old link may have it."""
    title = request.GET.get("game", "")[:40].replace("\x00", "")
    return title if title and Game.objects.filter(title=title).exists() else ""
