"""What a tournament does when something happens below it, in the same transaction."""

from apps.core.events import reacts_to
from apps.matches.events import MatchCompleted
from apps.payments.events import PaymentSucceeded
from apps.tournaments import services


@reacts_to(PaymentSucceeded)
def confirm_registration(event: PaymentSucceeded) -> None:
    services.registration_confirm(registration_id=event.registration_id)


@reacts_to(MatchCompleted)
def crown_champion(event: MatchCompleted) -> None:
    if event.final:
        services.tournament_complete(tournament_id=event.tournament_id, champion=event.winner)
