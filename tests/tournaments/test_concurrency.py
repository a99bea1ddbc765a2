"""Concurrent requests and tasks, on Postgres: no seat is sold twice, and nothing deadlocks."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from apps.events import recording
from apps.events.audit import chain
from apps.events.models import EventRecord
from apps.matches.services import match_confirm, match_report
from apps.payments.gateways.base import Outcome, ProviderResult
from apps.payments.selectors import wallet_balance
from apps.payments.services.settlement import payment_settle
from apps.payments.services.transitions import locked_payment
from apps.teams.models import Team
from apps.tournaments import services
from apps.tournaments.events import TournamentCancelled
from apps.tournaments.models import Registration, Tournament
from tests import factories
from tests.threads import run_concurrently, run_overlapping
from tests.tournaments import steps

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
JOB_SECONDS = 4


def test_seats_are_never_oversold_and_the_waiting_list_keeps_its_order() -> None:
    tournament = factories.make_tournament(capacity=16)
    players = [factories.make_user() for _ in range(100)]
    registering = (partial(factories.register, tournament, player) for player in players)
    run_concurrently(*registering, threads=8)
    assert steps.statuses(tournament) == ["confirmed"] * 16 + ["waitlisted"] * 84


def test_concurrent_writers_leave_no_gap_in_a_stream_and_one_hash_chain() -> None:
    def write() -> None:
        with transaction.atomic():
            recording.record(TournamentCancelled(tournament_id=999))

    run_concurrently(*[write] * 40, threads=8)
    seqs = EventRecord.objects.filter(stream="tournament:999").values_list("seq", flat=True)
    assert sorted(seqs) == list(range(1, 41))
    assert chain.first_fault("tournament:999") is None


def test_a_final_that_is_confirmed_during_a_cancellation_has_one_outcome() -> None:
    for _ in range(5):
        tournament = factories.make_live(2)
        match = tournament.matches.get()
        assert match.entrant_a
        assert match.entrant_b
        match_report(match_id=match.pk, player=match.entrant_a.player, score=(2, 0))
        confirm = partial(match_confirm, match_id=match.pk, player=match.entrant_b.player)
        cancel = partial(steps.by_organizer, services.tournament_cancel, tournament)
        results = run_concurrently(confirm, cancel)
        assert len([result for result in results if isinstance(result, str)]) == 1
        tournament.refresh_from_db()
        last = EventRecord.objects.filter(stream=f"tournament:{tournament.pk}").latest("seq")
        assert last.name == f"tournament.{tournament.status}"


def status_after_payment_during(registration: Registration, job: Callable[[], object]) -> str:
    """Runs the job while a payment has locked its invoice. The payment succeeds when the job is
    done, or waits for the lock. Returns the status of the registration."""
    payment_id = factories.pay(registration, source="tok_slow").pk
    is_locked, is_done = threading.Event(), threading.Event()

    def settle() -> None:
        with transaction.atomic():
            locked_payment(payment_id)
            is_locked.set()
            is_done.wait(JOB_SECONDS)
            payment_settle(payment_id=payment_id, result=ProviderResult(outcome=Outcome.SUCCEEDED))

    def run_job() -> None:
        is_locked.wait()
        job()
        is_done.set()

    assert run_concurrently(settle, run_job) == [None, None]
    return steps.status(registration)


def test_a_payment_during_the_start_is_in_time() -> None:
    tournament = factories.make_tournament(entry_fee=1000, check_in_minutes=30)
    paying, absent, *present = (factories.register(tournament) for _ in range(4))
    for registration in (absent, *present):
        factories.pay(registration)
    steps.by_organizer(services.tournament_check_in_open, tournament)
    for registration in present:
        steps.check_in(registration)
    start = partial(steps.by_organizer, services.tournament_start, tournament)
    assert status_after_payment_during(paying, start) == "checked_in"


def test_a_payment_while_its_deadline_passes_and_check_in_opens_is_in_time() -> None:
    tournament = factories.make_tournament(entry_fee=1000)
    registration = factories.register(tournament)
    soon = timezone.now() + timedelta(minutes=10)
    Tournament.objects.update(check_in_minutes=30, starts_at=soon)

    def pass_deadline() -> None:
        Registration.objects.update(pay_until=timezone.now())
        services.tournaments_tick()

    assert status_after_payment_during(registration, pass_deadline) == "checked_in"


def test_tournaments_with_the_same_players_pay_prizes_concurrently() -> None:
    players = [factories.make_user() for _ in range(6)]
    tournaments = [
        factories.make_tournament(prize_coins=1000, prize_split=[50, 30, 20]) for _ in range(6)
    ]
    for number, tournament in enumerate(tournaments):
        for player in players[number:] + players[:number]:
            factories.register(tournament, player)
        steps.by_organizer(services.tournament_start, tournament)
        factories.play_all(tournament)
    jobs = (partial(services.prize_pay, tournament_id=row.pk) for row in tournaments)
    assert run_concurrently(*jobs) == [True] * 6
    assert sum(wallet_balance(owner=player) for player in players) == 6000


@pytest.mark.parametrize("enters_first", [True, False])
def test_a_team_that_enters_during_a_captain_change_has_one_captain(*, enters_first: bool) -> None:
    tournament, team = steps.team_tournament(), factories.make_team()
    jobs = [lambda: steps.enter(tournament, team), lambda: steps.change_captain(team)]
    error = "team_entered" if enters_first else "not_the_captain"
    assert run_overlapping(*jobs[:: 1 if enters_first else -1])[1] == error
    captain = Team.objects.get(pk=team.pk).captain
    assert all(registration.player == captain for registration in tournament.registrations.all())


def test_a_member_of_two_teams_that_check_in_concurrently_plays_for_one() -> None:
    tournament = steps.team_tournament(check_in_minutes=30, entry_fee=100)
    teams = (factories.make_team(), factories.make_team())
    paying, checking_in = (steps.enter(tournament, team) for team in teams)
    factories.pay(checking_in)
    steps.by_organizer(services.tournament_check_in_open, tournament)
    member = factories.make_user()
    for team in teams:
        factories.join(team, member)
    jobs = (lambda: factories.pay(paying), lambda: steps.check_in(checking_in))
    run_overlapping(*jobs)
    assert [registration.roster.count() for registration in (paying, checking_in)] == [4, 3]
