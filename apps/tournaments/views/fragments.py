"""The public part of a tournament page, rendered once per process and event."""

import threading
from collections import OrderedDict
from datetime import datetime
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from apps.api.schemas import MAX_ID
from apps.events import recording
from apps.matches.bracket_presenter import sections
from apps.matches.events import tournament_stream
from apps.matches.formats import format_of
from apps.matches.selectors import match_list, standings
from apps.tournaments import selectors
from apps.tournaments.models import Registration, Tournament

MAX_RENDER_TRIES = 3
MAX_CACHED = 16
ENTRANTS_SHOWN = 256
TEMPLATES = ("tournaments/_state.html", "matches/_draw.html", "tournaments/_entrants.html")
Key = tuple[int, datetime]


class Fragments(NamedTuple):
    """Rendered at `seq`; the live feed continues from there."""

    seq: int
    state: SafeString
    draw: SafeString
    entrants: SafeString


class FragmentCache:
    """Fragments of the most recently requested tournaments."""

    def __init__(self) -> None:
        self._cache: OrderedDict[Key, Fragments] = OrderedDict()
        self._rendering: set[Key] = set()
        self._lock = threading.Lock()

    def get(self, tournament: Tournament) -> Fragments:
        """The current fragments, or the previous ones while another thread renders. The page knows
        its `seq` and requests them again."""
        key = (tournament.pk, tournament.created_at)
        head = recording.head(tournament_stream(tournament.pk))
        with self._lock:
            cached = self._cache.get(key)
            if cached and (cached.seq >= head or key in self._rendering):
                self._cache.move_to_end(key)
                return cached
            self._rendering.add(key)
        try:
            return self._store(key, _rendered(tournament.pk))
        finally:
            with self._lock:
                self._rendering.discard(key)

    def _store(self, key: Key, fragments: Fragments) -> Fragments:
        with self._lock:
            self._cache[key] = fragments
            self._cache.move_to_end(key)
            while len(self._cache) > MAX_CACHED:
                self._cache.popitem(last=False)
        return fragments


fragment_cache = FragmentCache()


def _rendered(tournament_id: int) -> Fragments:
    """Renders again if an event was recorded meanwhile."""
    name = tournament_stream(tournament_id)
    for _ in range(MAX_RENDER_TRIES):
        seq = recording.head(name)
        shown = _shown(selectors.tournament_get(tournament_id=tournament_id))
        if recording.head(name) == seq:
            break
    return Fragments(seq, *(render_to_string(template, shown) for template in TEMPLATES))


def _shown(tournament: Tournament) -> dict[str, Any]:
    matches = match_list(tournament_id=tournament.pk)
    entrants = _entrants(tournament)
    champion = next((entrant for entrant in entrants if entrant.place == 1), None)
    return {
        "tournament": tournament,
        "draw_heading": format_of(tournament).heading,
        "sections": sections(tournament, matches, standings(tournament=tournament)),
        "entrants": entrants[:ENTRANTS_SHOWN],
        "not_shown": len(entrants[ENTRANTS_SHOWN:]),
        "champion_name": champion.name if champion else tournament.champion or "",
    }


def _entrants(tournament: Tournament) -> list[Registration]:
    """By place, seed and registration order; the waiting list comes last."""
    active = tournament.registrations.filter(status__in=Registration.ACTIVE)
    return sorted(active.select_related("player", "team"), key=_rank)


def _rank(entrant: Registration) -> tuple[bool, int, int, int]:
    is_waiting = entrant.status == Registration.Status.WAITLISTED
    return is_waiting, entrant.place or MAX_ID, entrant.seed or MAX_ID, entrant.pk
