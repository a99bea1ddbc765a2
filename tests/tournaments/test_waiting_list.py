"""Free seats go to the waiting list, in order."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.payments.exceptions import ProviderUnavailable
from apps.tournaments import exceptions, services
from apps.tournaments.metrics import REGISTRATION_TRANSITIONS
from apps.tournaments.models import Registration, Tournament
from tests import factories, samples
from tests.tournaments.steps import by_organizer, check_in, event_names, statuses, withdraw

pytestmark = pytest.mark.django_db


def full(**fields: Any) -> tuple[Tournament, list[Registration]]:
    """Two seats and three registrations."""
    tournament = factories.make_tournament(capacity=2, **fields)
    return tournament, [factories.register(tournament) for _ in range(3)]


def pass_payment_deadline(tournament: Tournament) -> None:
    tournament.registrations.update(pay_until=timezone.now() - timedelta(seconds=1))


def test_the_waiting_list_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.tournaments.services.registrations.MAX_WAITING", 1)
    tournament, _ = full()
    with pytest.raises(exceptions.TournamentFull):
        factories.register(tournament)


def test_a_withdrawn_seat_goes_to_the_first_and_a_new_registration_is_last() -> None:
    tournament, (first, *_) = full()
    factories.register(tournament)
    withdraw(first)
    assert statuses(tournament) == ["withdrawn", "confirmed", "confirmed", "waitlisted"]
    assert event_names(tournament)[-3:] == [
        "registration.left", "registration.promoted", "registration.confirmed",
    ]  # fmt: skip
    assert factories.register(tournament, first.player).status == "waitlisted"


def test_a_player_withdraws_once_and_cannot_check_in_afterwards() -> None:
    tournament, (first, second, _) = full(check_in_minutes=30)
    withdraw(first)
    with pytest.raises(exceptions.RegistrationOver):
        withdraw(first)
    with pytest.raises(exceptions.RegistrationNotFound):
        services.registration_withdraw(registration_id=second.pk, player=first.player)
    by_organizer(services.tournament_check_in_open, tournament)
    with pytest.raises(exceptions.RegistrationOver):
        check_in(first)


def test_the_start_ends_withdrawals_and_the_waiting_list() -> None:
    tournament, (first, *_) = full()
    by_organizer(services.tournament_start, tournament)
    assert statuses(tournament) == ["confirmed", "confirmed", "cancelled"]
    with pytest.raises(exceptions.WrongState):
        withdraw(first)


def test_an_unpaid_seat_expires_and_goes_to_the_next() -> None:
    tournament, (first, second, third) = full(entry_fee=100)
    factories.pay(second)
    assert services.tournaments_tick() == 0
    pass_payment_deadline(tournament)
    assert services.tournaments_tick() == 1
    assert statuses(tournament) == ["expired", "confirmed", "pending_payment"]
    first.refresh_from_db()
    third.refresh_from_db()
    assert first.invoice.status == "void"
    assert third.invoice.status == "due"
    assert third.pay_until is not None
    assert third.pay_until > timezone.now()
    assert services.tournaments_tick() == 0


def test_full_tournaments_do_not_starve_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.tournaments.services.schedule.BATCH_SIZE", 1)
    full()
    other, _ = full(entry_fee=100)
    pass_payment_deadline(other)
    assert services.tournaments_tick() == 1
    assert statuses(other) == ["expired", "expired", "pending_payment"]


def test_a_seat_is_reserved_during_its_payment() -> None:
    tournament, (first, *_) = full(entry_fee=100)
    with pytest.raises(ProviderUnavailable):
        factories.pay(first, "tok_unavailable")
    pass_payment_deadline(tournament)
    services.tournaments_tick()
    assert statuses(tournament) == ["pending_payment", "expired", "pending_payment"]


def test_additional_seats_go_to_the_waiting_list() -> None:
    tournament, _ = full()
    by_organizer(services.tournament_edit, tournament, capacity=3)
    assert statuses(tournament) == ["confirmed"] * 3


def test_registration_closes_at_its_planned_time() -> None:
    tournament = factories.make_tournament(
        registration_closes_at=timezone.now() + timedelta(hours=1)
    )
    factories.register(tournament)
    tournament.registration_closes_at = timezone.now()
    tournament.save()
    with pytest.raises(exceptions.RegistrationClosed):
        factories.register(tournament)


def test_status_changes_are_counted(commit: Any) -> None:
    def counts() -> list[float]:
        name = "tournament_registrations_moved_total"
        return [float(samples.value(name, status=move) or 0) for move in REGISTRATION_TRANSITIONS]

    before = counts()
    with commit():
        tournament, (first, second, _) = full(check_in_minutes=30)
        withdraw(first)
        by_organizer(services.tournament_check_in_open, tournament)
        check_in(second)
        by_organizer(services.tournament_no_shows_drop, tournament)
    added = dict(zip(REGISTRATION_TRANSITIONS, map(float.__sub__, counts(), before), strict=True))
    assert added == {
        "waitlisted": 1, "promoted": 1, "checked_in": 1, "withdrawn": 1, "refunded": 0,
        "expired": 0, "no_show": 1,
    }  # fmt: skip
