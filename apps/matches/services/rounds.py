"""Rounds that can only be drawn once the round before is over: of a Swiss, and a play-off."""

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
from apps.matches.services.locking import LIVE, tournament_locked
from apps.matches.types import Registration, Tournament

AT_ONCE = 100
DRAWN_LATE = (Format.SWISS, Format.GROUPS)


def is_last_round(match: Match) -> bool:
    """Whether no round is to be drawn after this match's."""
    if match.stage == Stage.GROUP:
        return False
    if match.tournament.format != Format.SWISS:
        return True
    return match.round >= rules_of(match.tournament).rounds(_entrants(match.tournament).count())


def draw_due(*, tournament: Tournament) -> int:
    """Number of entrants for which a round is due now: 0 if none is."""
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
    """Draws the round that is due, at most once. Returns the number of new matches."""
    tournament = tournament_locked(Match.objects.filter(tournament=tournament_id))
    if tournament is None or not draw_due(tournament=tournament):
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
    """Draws rounds whose task was lost. Returns the number of rounds. Raises BatchIncomplete."""
    return run_row_batch(_due(), _draw_after, name="draws", batch_size=AT_ONCE)


def _draw_after(match_id: int) -> bool:
    match = Match.objects.get(pk=match_id)
    return round_draw(tournament_id=match.tournament_id) > 0


def _swiss(book: Book) -> tuple[list[Place], list[Registration]]:
    rows = book.tables()[Stage.TABLE.value, 0]
    met = frozenset(frozenset(book.sides(match)) for match in book.matches)
    draw = swiss_round(
        [row.entrant for row in rows], {row.entrant: row.points for row in rows}, met, book.byes()
    )
    return paired(draw, max(match.round for match in book.matches) + 1), book.entrants


def _play_off(book: Book) -> tuple[list[Place], list[Registration]]:
    entrants = len(book.entrants)
    advance = book.rules.qualify(entrants)
    tables = [[row.entrant for row in rows[:advance]] for rows in book.tables().values()]
    through = [book.entrants[one] for one in qualifiers(tables)]
    return book.rules.play_off(entrants), through


def _entrants(tournament: Tournament) -> QuerySet[Registration]:
    return tournament.registrations.filter(seed__isnull=False)


def _last_round(tournament: Tournament) -> int | None:
    last: int | None = tournament.matches.aggregate(last=Max("round"))["last"]
    return last


def _due() -> QuerySet[Match]:
    """The first match of each live tournament whose matches are all completed."""
    unplayed = Match.objects.filter(tournament=OuterRef("tournament")).exclude(
        status=Match.Status.COMPLETED
    )
    first = Match.objects.filter(
        stage__in=[Stage.TABLE, Stage.GROUP], group__lte=1, round=1, position=0
    )
    return first.filter(
        ~Exists(unplayed), tournament__status=LIVE, tournament__format__in=DRAWN_LATE
    )
