"""Rounds that can only be drawn once the round before is over: of a Swiss, and a play-off."""

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from apps.core.celery.batches import run_row_batch
from apps.matches.draw_state import Book, rules_of
from apps.matches.formats.groups import qualifiers
from apps.matches.formats.rules import Format, paired
from apps.matches.formats.slots import Place, Stage
from apps.matches.formats.swiss import swiss_round
from apps.matches.models import Match
from apps.matches.services import event_factory
from apps.matches.services.draw import matches_create
from apps.matches.services.locking import LIVE

if TYPE_CHECKING:
    from apps.tournaments.models import Registration, Tournament

AT_ONCE = 100
DRAWN_LATE = (Format.SWISS, Format.GROUPS)


def is_last_round(match: Match) -> bool:
    """Whether no round is to be drawn after this match's."""
    if match.stage == Stage.GROUP:
        return False
    if match.tournament.format != Format.SWISS:
        return True
    return match.round >= rules_of(match.tournament).rounds(_entrants(match.tournament).count())


def draw_due(*, tournament_id: int) -> int:
    """Among how many entrants a round is to be drawn now: 0 where none is."""
    tournament = _tournaments().get(pk=tournament_id)
    if tournament.format not in DRAWN_LATE or tournament.status != LIVE:
        return 0
    matches = tournament.matches.all()
    if matches.exclude(status=Match.Status.COMPLETED).exists():
        return 0
    entrants = _entrants(tournament).count()
    rules = rules_of(tournament)
    if tournament.format == Format.GROUPS:
        drawn = matches.filter(stage=Stage.PLAYOFF).exists()
        return 0 if drawn else rules.play_off_size(entrants)
    return entrants if (_last_round(tournament) or 0) < rules.rounds(entrants) else 0


@transaction.atomic
def round_draw(*, tournament_id: int) -> int:
    """Draws what is due: once, however often it is called. Returns how many matches."""
    tournament = _tournaments().select_for_update(no_key=True).get(pk=tournament_id)
    if not draw_due(tournament_id=tournament_id):
        return 0
    book = Book(tournament)
    draw = _play_off if tournament.format == Format.GROUPS else _swiss
    places, entrants = draw(book)
    matches = matches_create(tournament, places, entrants)
    ready = [match for match in matches if match.status == Match.Status.READY]
    event_factory.drawn(matches)
    if len(ready) <= event_factory.EACH_UP_TO:
        event_factory.ready(ready)
    return len(matches)


def draws_sweep() -> int:
    """Draws what was not: the task was lost, or the power went before it was sent. Returns how
    many rounds. Raises BatchIncomplete."""
    return run_row_batch(
        _waiting(), lambda pk: round_draw(tournament_id=pk) > 0, what="draws", at_once=AT_ONCE
    )


def _swiss(book: Book) -> "tuple[list[Place], list[Registration]]":
    rows = book.tables()[Stage.TABLE.value, 0]
    met = frozenset(frozenset(book.sides(match)) for match in book.matches)
    draw = swiss_round(
        [row.entrant for row in rows], {row.entrant: row.points for row in rows}, met, book.byes()
    )
    return paired(draw, max(match.round for match in book.matches) + 1), book.entrants


def _play_off(book: Book) -> "tuple[list[Place], list[Registration]]":
    entrants = len(book.entrants)
    advance = book.rules.qualify(entrants)
    tables = [[row.entrant for row in rows[:advance]] for rows in book.tables().values()]
    through = [book.entrants[one] for one in qualifiers(tables)]
    return book.rules.play_off(entrants), through


def _tournaments() -> "QuerySet[Tournament]":
    return apps.get_model("tournaments", "Tournament").objects.all()


def _entrants(tournament: "Tournament") -> "QuerySet[Registration]":
    return tournament.registrations.filter(seed__isnull=False)


def _last_round(tournament: "Tournament") -> int | None:
    last: int | None = tournament.matches.aggregate(last=Max("round"))["last"]
    return last


def _waiting() -> "QuerySet[Tournament]":
    """Live ones without a match to be played. Nearly all of them are about to be drawn."""
    unplayed = Match.objects.filter(tournament=OuterRef("pk")).exclude(
        status=Match.Status.COMPLETED
    )
    return _tournaments().filter(~Exists(unplayed), status=LIVE, format__in=DRAWN_LATE)
