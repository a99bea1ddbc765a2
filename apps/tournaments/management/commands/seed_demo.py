"""Demo data: a tournament of each format, in different states."""

import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.matches.models import Match
from apps.matches.services import match_confirm, match_report
from apps.payments.gateways import PROVIDERS, live_methods
from apps.payments.services import payment_create
from apps.teams.models import Team
from apps.teams.services import invitation_accept, invitation_create, team_create
from apps.tournaments import services
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.services.plan_versions import Plan

ORGANIZER = "demo"
PASSWORD = "crown-demo"  # noqa: S105 a public demo password
PLAYERS = (
    "Aurora", "Blaze", "Cipher", "Drift", "Echo", "Falcon", "Ghost", "Halo",
    "Icarus", "Jinx", "Kestrel", "Lynx", "Mirage", "Nova", "Onyx", "Phoenix",
)  # fmt: skip
TEAMS = (
    "Azure Tide", "Brass Comets", "Crimson Veil", "Dusk Runners",
    "Ember Guard", "Frost Line", "Gilded Owls", "Hollow Star",
)  # fmt: skip
RULES = "Be on time, be kind, and report your result within ten minutes of the last game."
ALL = 10_000  # more matches than any of these draws has


@dataclass(frozen=True)
class DemoTournament:
    """`played` is the number of completed matches, or None before the start."""

    name: str
    game: str
    entrants: int
    plan: Plan
    capacity: int = 16
    played: int | None = None


TOURNAMENTS = (
    DemoTournament("Autumn Crown Cup", "VALORANT", 16, played=ALL, plan=Plan(
        entry_fee=1000, prize_coins=5000, prize_split=[60, 30, 10], third_place=True)),
    DemoTournament("eFootball Friday", "eFootball", 6, capacity=6, played=ALL, plan=Plan(
        format="round_robin", prize_coins=300)),
    DemoTournament("Rocket Night", "Rocket League", 8, played=3, plan=Plan(prize_coins=800)),
    DemoTournament("Ladder of Iron", "Tekken 8", 8, capacity=8, played=9, plan=Plan(
        format="double_elimination", prize_coins=1200, prize_split=[70, 30])),
    DemoTournament("Swiss Circle", "Street Fighter 6", 12, played=15, plan=Plan(
        format="swiss", prize_coins=600)),
    DemoTournament("Duo Skies", "Fortnite", 8, capacity=8, played=10, plan=Plan(
        format="groups", team_based=True, prize_coins=2000, prize_split=[60, 40])),
    DemoTournament("Tekken Weekly", "Tekken 8", 5, capacity=6, plan=Plan(
        entry_fee=250, prize_coins=400)),
)  # fmt: skip


class Command(BaseCommand):
    help = "Creates demo data in a database without users."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():  # the demo accounts have a known password
            return
        logging.disable(logging.INFO)
        try:
            with transaction.atomic():
                self.seed()
        finally:
            logging.disable(logging.NOTSET)
        self.stdout.write("Demo data created.")

    def seed(self) -> None:
        organizer = User.objects.create_superuser(ORGANIZER, password=PASSWORD)
        password = make_password(PASSWORD)  # once, because hashing is slow
        players = [User.objects.create(username=name, password=password) for name in PLAYERS]
        teams = [_team(*duo) for duo in zip(TEAMS, players[::2], players[1::2], strict=True)]
        for demo in TOURNAMENTS:
            tournament = _opened(organizer, demo)
            _enter(tournament, players, teams, demo.entrants)
            if demo.played is not None:
                services.tournament_start(tournament_id=tournament.pk, organizer=organizer)
                _play(tournament, demo.played)
        _leave_unfinished(Tournament.objects.get(name="Rocket Night"))
        _draft(organizer)


def _team(name: str, captain: User, mate: User) -> Team:
    team = team_create(captain=captain, name=name, game_title="Fortnite")
    invitation = invitation_create(team_id=team.pk, captain=captain, username=mate.username)
    invitation_accept(invitation_id=invitation.pk, player=mate)
    return team


def _opened(organizer: User, demo: DemoTournament) -> Tournament:
    plan: Plan = {"rules": RULES, **demo.plan}
    if live_methods():
        plan["entry_fee"] = 0  # a live provider would charge the cards
    tournament = services.tournament_create(
        organizer=organizer, name=demo.name, game_title=demo.game, capacity=demo.capacity, **plan
    )
    return services.tournament_open(tournament_id=tournament.pk, organizer=organizer)


def _enter(tournament: Tournament, players: list[User], teams: list[Team], entrants: int) -> None:
    methods = list(PROVIDERS)
    for number in range(entrants):
        team = teams[number] if tournament.team_based else None
        registration = services.registration_create(
            tournament_id=tournament.pk,
            player=team.captain if team else players[number],
            team_id=team.pk if team else None,
        )
        if registration.status == Registration.Status.PENDING_PAYMENT:
            payment_create(
                payer=registration.player,
                registration_id=registration.pk,
                method=methods[number % len(methods)],
                source="tok_visa",
                idempotency_key=f"seed-{registration.pk}",
            )


def _play(tournament: Tournament, matches: int) -> None:
    dice = random.Random(tournament.name)
    for _ in range(matches):
        match = Match.objects.filter(tournament=tournament, status=Match.Status.READY).first()
        if match is None:
            return
        score = dice.choice([(2, 0), (2, 1), (1, 2), (0, 2)])
        a, b = _players(match)
        match_report(match_id=match.pk, player=a, score=score)
        match_confirm(match_id=match.pk, player=b)


def _leave_unfinished(tournament: Tournament) -> None:
    """Leaves one result to confirm and one dispute."""
    ready = Match.objects.filter(tournament=tournament, status=Match.Status.READY)
    disputed, reported = ready.order_by("round", "position")[:2]
    (a, b), (c, _) = _players(disputed), _players(reported)
    for match, player, score in (
        (disputed, a, (2, 1)),
        (disputed, b, (0, 2)),
        (reported, c, (2, 1)),
    ):
        match_report(match_id=match.pk, player=player, score=score)


def _players(match: Match) -> tuple[User, User]:
    assert match.entrant_a is not None
    assert match.entrant_b is not None
    return match.entrant_a.player, match.entrant_b.player


def _draft(organizer: User) -> None:
    soon = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    plan = Plan(rules=RULES, registration_opens_at=soon, starts_at=soon + timedelta(days=12),
                check_in_minutes=60, round_minutes=45, team_based=True,
                prize_coins=20_000, prize_split=[50, 30, 20])  # fmt: skip
    services.tournament_create(
        organizer=organizer, name="Winter Major", game_title="Dota 2", capacity=64, **plan
    )
