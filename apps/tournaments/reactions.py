"""Reactions to events of payments, teams and matches, in the same transaction."""

from apps.events.recording import after_commit, reacts_to
from apps.matches.events import MatchCompleted, MatchCorrected
from apps.payments.events import PaymentRefunded, PaymentSucceeded
from apps.teams.events import CaptainChanged
from apps.tournaments import services
from apps.tournaments.events import TournamentCompleted
from apps.tournaments.tasks import prize_pay


@reacts_to(PaymentSucceeded)
def confirm_registration(event: PaymentSucceeded) -> None:
    services.registration_confirm(registration_id=event.registration_id)


@reacts_to(PaymentRefunded)
def release_seat(event: PaymentRefunded) -> None:
    services.registration_refunded(registration_id=event.registration_id)


@reacts_to(CaptainChanged)
def check_captain_change(event: CaptainChanged) -> None:
    """Raises TeamEntered, which rolls the change back."""
    services.captain_change_check(team_id=event.team_id)


@reacts_to(MatchCompleted)
def complete_tournament(event: MatchCompleted) -> None:
    if event.final:
        services.tournament_complete(tournament_id=event.tournament_id)


@reacts_to(MatchCorrected)
def complete_tournament_after_correction(event: MatchCorrected) -> None:
    """A correction can cancel the grand final's reset, and so end the tournament."""
    if event.final:
        services.tournament_complete(tournament_id=event.tournament_id)


@reacts_to(TournamentCompleted)
def enqueue_prizes(event: TournamentCompleted) -> None:
    """`prizes_sweep` finds prizes whose task could not be sent."""
    after_commit(prize_pay.delay, event.tournament_id)
