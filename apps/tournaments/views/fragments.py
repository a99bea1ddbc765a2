"""What everybody sees of a tournament: drawn once in this process after each event, for all."""

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from apps.api.schemas import MAX_ID
from apps.events import recording
from apps.matches.bracket_presenter import Section, sections
from apps.matches.events import tournament_stream
from apps.matches.selectors import match_list, standings
from apps.tournaments import selectors
from apps.tournaments.models import Registration, Tournament

DRAWN_TRIES = 3
KEPT = 16
ENTRANTS_SHOWN = 256
TEMPLATES = ("tournaments/_state.html", "matches/_draw.html", "tournaments/_entrants.html")
Key = tuple[int, datetime]


class Parts(NamedTuple):
    """As of `seq`: the live feed goes on from there."""

    seq: int
    state: SafeString
    draw: SafeString
    entrants: SafeString


class Shelf:
    """The newest parts of the tournaments that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Parts] = OrderedDict()
        self._drawing: set[Key] = set()
        self._lock = threading.Lock()

    def parts(self, tournament: Tournament) -> Parts:
        """As they are; or as they were a moment ago, while another thread draws them: a page knows
        its `seq`, and asks again."""
        key = (tournament.pk, tournament.created_at)
        head = recording.head(tournament_stream(tournament.pk))
        with self._lock:
            kept = self._kept.get(key)
            if kept and (kept.seq >= head or key in self._drawing):
                self._kept.move_to_end(key)
                return kept
            self._drawing.add(key)
        try:
            return self._keep(key, _drawn(tournament.pk))
        finally:
            with self._lock:
                self._drawing.discard(key)

    def _keep(self, key: Key, parts: Parts) -> Parts:
        with self._lock:
            self._kept[key] = parts
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return parts


shelf = Shelf()


def _drawn(tournament_id: int) -> Parts:
    """Read again where something happened meanwhile."""
    name = tournament_stream(tournament_id)
    for _ in range(DRAWN_TRIES):
        seq = recording.head(name)
        shown = _shown(selectors.tournament_get(tournament_id=tournament_id))
        if recording.head(name) == seq:
            break
    return Parts(seq, *(render_to_string(template, shown) for template in TEMPLATES))


def _shown(tournament: Tournament) -> dict[str, Any]:
    entrants = _entrants(tournament)
    champion = next((one for one in entrants if one.place == 1), None)
    return {
        "tournament": tournament,
        "sections": _draw(tournament),
        "entrants": entrants[:ENTRANTS_SHOWN],
        "not_shown": len(entrants[ENTRANTS_SHOWN:]),
        "champion_name": champion.name if champion else tournament.champion or "",
    }


def _draw(tournament: Tournament) -> list[Section]:
    tables = {table.group: table.rows for table in standings(tournament_id=tournament.pk)}
    return sections(tournament, match_list(tournament_id=tournament.pk), tables)


def _entrants(tournament: Tournament) -> list[Registration]:
    """By place where there is one, else by seed, else as they signed up; who waits comes last."""
    active = tournament.registrations.filter(status__in=Registration.ACTIVE)
    return sorted(active.select_related("player", "team"), key=_rank)


def _rank(entrant: Registration) -> tuple[bool, int, int, int]:
    waits = entrant.status == Registration.Status.WAITLISTED
    return waits, entrant.place or MAX_ID, entrant.seed or MAX_ID, entrant.pk
