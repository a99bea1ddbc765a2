"""Tournaments of any format, drawn, and ways to play them."""

import random
from itertools import count

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.matches.models import Match
from apps.matches.services import draw_create, match_report
from apps.tournaments.models import Registration, Tournament

FORMATS = ("single_elimination", "double_elimination", "round_robin", "swiss", "groups")
_numbers = count(1)


def draw(format: str, entrants: int, **fields: object) -> Tournament:
    """Live, with all matches that are known at the start. The organizer is none of the entrants."""
    number = next(_numbers)
    names = [f"of-{number}-{seat}" for seat in range(entrants + 1)]
    organizer, *players = User.objects.bulk_create([User(username=name) for name in names])
    with transaction.atomic():
        tournament = Tournament.objects.create(
            name=f"Cup {number}", game_id="VALORANT", capacity=max(entrants, 2), currency="EUR",
            organizer=organizer, status="live", format=format, **fields,
        )  # fmt: skip
        rows = [
            Registration(tournament=tournament, player=player, status="confirmed", seed=seed)
            for seed, player in enumerate(players, start=1)
        ]
        draw_create(tournament=tournament, entrants=Registration.objects.bulk_create(rows))
    return tournament


def to_play(tournament: Tournament, *statuses: str) -> list[Match]:
    open_ = tournament.matches.filter(status__in=statuses or Match.OPEN)
    return list(open_.select_related("entrant_a__player", "entrant_b__player"))


def a_score(match: Match, chance: random.Random) -> tuple[int, int]:
    needed = match.tournament.best_of // 2 + 1
    lost = chance.randrange(needed)
    return (needed, lost) if chance.random() < 0.5 else (lost, needed)


def player(match: Match, side: str) -> User:
    entrant = match.entrant_a if side == "a" else match.entrant_b
    assert entrant is not None
    return entrant.player


def play(match: Match, score: tuple[int, int]) -> None:
    """Each side reports the same."""
    match_report(match_id=match.pk, player=player(match, "a"), score=score)
    match_report(match_id=match.pk, player=player(match, "b"), score=score)


def play_out(tournament: Tournament, seed: int = 0) -> None:
    """All that is left, by chance."""
    chance = random.Random(seed)
    while matches := to_play(tournament):
        for match in matches:
            match.tournament = tournament
            play(match, a_score(match, chance))


def time_out(match: Match) -> None:
    """Its timer has run down."""
    Match.objects.filter(pk=match.pk).update(forfeit_at=timezone.now())
