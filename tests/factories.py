"""What tests need to be there, made by the services themselves."""

import itertools

from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import token_create
from apps.matches.models import Match
from apps.matches.services import match_confirm, match_report
from apps.payments.models import Payment, Refund
from apps.payments.services import payment_create, refund_create, refund_send
from apps.teams.models import Team
from apps.teams.services import invitation_accept, invitation_create, team_create
from apps.tournaments import services
from apps.tournaments.models import Registration, Tournament

_numbers = itertools.count(1)
PASSWORD = "correct-horse-battery"


def make_user(name: str = "", *, is_staff: bool = False) -> User:
    name = name or f"user{next(_numbers)}"
    return User.objects.create_user(name, password=PASSWORD, is_staff=is_staff)


def make_team(game_title: str = "Rocket League", members: int = 3) -> Team:
    team = team_create(captain=make_user(), name=f"Team {next(_numbers)}", game_title=game_title)
    for _ in range(members - 1):
        join(team, make_user())
    return team


def join(team: Team, player: User) -> None:
    asked = invitation_create(team_id=team.pk, captain=team.captain, username=player.username)
    invitation_accept(invitation_id=asked.pk, player=player)


def bearer(user: User) -> dict[str, str]:
    _, secret = token_create(username=user.username, password=PASSWORD)
    return {"authorization": f"Bearer {secret}"}


def client_of(user: User) -> Client:
    """Signed in by a token."""
    return Client(headers=bearer(user))


def signed_in(user: User) -> Client:
    """Signed in by a session, without a request."""
    client = Client()
    client.force_login(user)
    return client


def make_tournament(
    organizer: User | None = None, *, opened: bool = True, **fields: object
) -> Tournament:
    organizer = organizer or make_user()
    values = {"name": "Cup", "game_title": "VALORANT", "capacity": 8} | fields
    tournament = services.tournament_create(organizer=organizer, **values)  # type: ignore[arg-type]
    if opened:
        tournament = services.tournament_open(tournament_id=tournament.pk, organizer=organizer)
    return tournament


def register(tournament: Tournament, player: User | None = None) -> Registration:
    player = player or make_user()
    return services.registration_create(tournament_id=tournament.pk, player=player)


def pay(
    registration: Registration, source: str = "tok_visa", key: str = "", method: str = "STRIPE"
) -> Payment:
    return payment_create(
        payer=registration.player,
        registration_id=registration.pk,
        method=method,
        source=source,
        idempotency_key=key or f"key-{registration.pk}",
    )


def refund(payment: Payment, amount: int | None = None) -> Refund:
    """Of the whole charge, unless there is an amount."""
    created = refund_create(payment_id=payment.pk, amount=amount)
    refund_send(refund_id=created.pk)
    created.refresh_from_db()
    return created


def send_refunds() -> None:
    """What tasks do once the transactions are through."""
    for pk in Refund.objects.values_list("pk", flat=True):
        refund_send(refund_id=pk)


def make_live(entrants: int = 2, **fields: object) -> Tournament:
    """A free tournament that has begun."""
    tournament = make_tournament(**{"capacity": max(entrants, 2), **fields})  # type: ignore[arg-type]
    for _ in range(entrants):
        register(tournament)
    return services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)


def play(match: Match, score: tuple[int, int] = (2, 0)) -> Match:
    assert match.entrant_a
    assert match.entrant_b
    match_report(match_id=match.pk, player=match.entrant_a.player, score=score)
    return match_confirm(match_id=match.pk, player=match.entrant_b.player)


def play_all(tournament: Tournament) -> None:
    while match := tournament.matches.filter(status=Match.Status.READY).first():
        play(match)
