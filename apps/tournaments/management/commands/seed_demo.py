"""Demo data for a first look: a finished, a live, an open and a drafted tournament."""

import logging
import random
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from apps.accounts.models import User
from apps.matches.models import Match
from apps.matches.services import match_confirm, match_report
from apps.payments.services import payment_create
from apps.tournaments import services
from apps.tournaments.models import Tournament

ORGANIZER = "demo"
PASSWORD = "crown-demo"  # noqa: S105 printed at every start: it is for looking around
PLAYERS = (
    "Aurora", "Blaze", "Cipher", "Drift", "Echo", "Falcon", "Ghost", "Halo",
    "Icarus", "Jinx", "Kestrel", "Lynx", "Mirage", "Nova", "Onyx", "Phoenix",
)  # fmt: skip


class Command(BaseCommand):
    help = "Makes demo data, once: where the user 'demo' exists, it does nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(username=ORGANIZER).exists():
            return
        logging.disable(logging.INFO)
        with transaction.atomic():
            self.seed()
        self.stdout.write(f"Demo data made: sign in as {ORGANIZER} / {PASSWORD}")

    def seed(self) -> None:
        organizer = User.objects.create_superuser(ORGANIZER, password=PASSWORD)
        players = [User.objects.create_user(name) for name in PLAYERS]
        cup = _opened(organizer, "Autumn Crown Cup", "VALORANT", entry_fee=1000, prize_coins=5000)
        _fill(cup, players)
        _play(cup, rounds=4)
        league = _opened(organizer, "Rocket Night", "Rocket League", prize_coins=800)
        _fill(league, players[:8])
        _play(league, rounds=1)
        weekly = _opened(organizer, "Tekken Weekly", "Tekken 8", entry_fee=250, prize_coins=400)
        _fill(weekly, players[:5], start=False)
        services.tournament_create(
            organizer=organizer, name="Winter Major", game_title="Dota 2", capacity=64
        )


def _opened(
    organizer: User, name: str, game_title: str, *, entry_fee: int = 0, prize_coins: int
) -> Tournament:
    tournament = services.tournament_create(
        organizer=organizer,
        name=name,
        game_title=game_title,
        capacity=16,
        entry_fee=entry_fee,
        prize_coins=prize_coins,
    )
    return services.tournament_open(tournament_id=tournament.pk, organizer=organizer)


def _fill(tournament: Tournament, players: list[User], *, start: bool = True) -> None:
    for player in players:
        registration = services.registration_create(tournament_id=tournament.pk, player=player)
        if tournament.entry_fee:
            payment_create(
                payer=player,
                registration_id=registration.pk,
                method="STRIPE",
                source="tok_visa",
                idempotency_key=f"seed-{registration.pk}",
            )
    if start:
        services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)


def _play(tournament: Tournament, *, rounds: int) -> None:
    dice = random.Random(tournament.name)
    for number in range(1, rounds + 1):
        for match in Match.objects.filter(tournament=tournament, round=number):
            assert match.player_a is not None
            assert match.player_b is not None
            score = dice.choice([(2, 0), (2, 1), (1, 2), (0, 2)])
            match_report(match_id=match.pk, player=match.player_a, score=score)
            match_confirm(match_id=match.pk, player=match.player_b)
