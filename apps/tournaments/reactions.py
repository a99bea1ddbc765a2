"""What a tournament does when something happens below it, in the same transaction."""

from functools import partial

from django.db import transaction

from apps.core.events import reacts_to
from apps.matches.events import MatchCompleted
from apps.payments.events import PaymentSucceeded
from apps.tournaments import services
from apps.tournaments.events import TournamentCompleted
from apps.tournaments.tasks import prize_pay


@reacts_to(PaymentSucceeded)
def confirm_registration(event: PaymentSucceeded) -> None:
    services.registration_confirm(registration_id=event.registration_id)


@reacts_to(MatchCompleted)
def crown_champion(event: MatchCompleted) -> None:
    if event.final:
        services.tournament_complete(tournament_id=event.tournament_id, champion=event.winner)


@reacts_to(TournamentCompleted)
def send_prize(event: TournamentCompleted) -> None:
    """By a task, as it may take its time. Where sending it fails, `prizes_sweep` finds it."""
    transaction.on_commit(partial(prize_pay.delay, event.tournament_id), robust=True)
