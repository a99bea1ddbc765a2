"""What a tournament does when something happens below it, in the same transaction."""

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
def give_seat_up(event: PaymentRefunded) -> None:
    services.registration_refunded(registration_id=event.registration_id)


@reacts_to(CaptainChanged)
def keep_who_acts(event: CaptainChanged) -> None:
    """Raises TeamEntered: then the captain has not changed."""
    services.captain_change_check(team_id=event.team_id)


@reacts_to(MatchCompleted)
def crown_champion(event: MatchCompleted) -> None:
    if event.final:
        services.tournament_complete(tournament_id=event.tournament_id)


@reacts_to(MatchCorrected)
def crown_champion_after_all(event: MatchCorrected) -> None:
    """The correction has called the grand final's reset off."""
    if event.final:
        services.tournament_complete(tournament_id=event.tournament_id)


@reacts_to(TournamentCompleted)
def send_prize(event: TournamentCompleted) -> None:
    """By a task, as it may take its time. Where sending it fails, `prizes_sweep` finds it."""
    after_commit(prize_pay.delay, event.tournament_id)
