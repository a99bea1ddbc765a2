"""Live tournaments of each format, and ways to play them."""

import random
from itertools import count

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.matches.models import Match
from apps.matches.services import draw_create, match_report
from apps.tournaments.models import Registration, Tournament

_numbers = count(1)


def draw(format: str, entrants: int, **fields: object) -> Tournament:
    """Live, with all matches that are known at the start. The organizer is not an entrant."""
    number = next(_numbers)
    names = [f"player-{number}-{seed}" for seed in range(entrants + 1)]
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


def open_matches(tournament: Tournament, *statuses: str) -> list[Match]:
    matches = tournament.matches.filter(status__in=statuses or Match.OPEN)
    return list(matches.select_related("entrant_a__player", "entrant_b__player"))


def match_at(
    tournament: Tournament, stage: str, round: int, position: int = 0, group: int = 0
) -> Match:
    match = tournament.matches.get(stage=stage, round=round, position=position, group=group)
    match.tournament = tournament
    return match


def fresh(match: Match) -> Match:
    return Match.objects.select_related("tournament__organizer").get(pk=match.pk)


def random_score(match: Match, chance: random.Random) -> tuple[int, int]:
    needed = match.tournament.best_of // 2 + 1
    lost = chance.randrange(needed)
    return (needed, lost) if chance.random() < 0.5 else (lost, needed)


def player(match: Match, side: str) -> User:
    entrant = match.entrant_a if side == "a" else match.entrant_b
    assert entrant is not None
    return entrant.player


def report(match: Match, side: str, score: tuple[int, int], **more: str) -> Match:
    return match_report(match_id=match.pk, player=player(match, side), score=score, **more)


def play(match: Match, score: tuple[int, int] = (2, 0)) -> None:
    """Both sides report the same score."""
    report(match, "a", score)
    report(match, "b", score)


def play_out(tournament: Tournament, seed: int = 0) -> None:
    """Plays all remaining matches with random results."""
    chance = random.Random(seed)
    while matches := open_matches(tournament):
        for match in matches:
            match.tournament = tournament
            play(match, random_score(match, chance))


def expire_timer(match: Match) -> None:
    Match.objects.filter(pk=match.pk).update(forfeit_at=timezone.now())


def decide_all(matches: QuerySet[Match]) -> int:
    """The first side of each wins. Written directly, because reports would take minutes."""
    return matches.update(
        status="completed", winner=F("entrant_a"), score_a=2, score_b=0, outcome="played"
    )
