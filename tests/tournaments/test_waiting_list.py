"""Seats that come free go to who waits, in order."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.events.recording import since
from apps.payments.exceptions import ProviderUnavailable
from apps.tournaments import services
from apps.tournaments.exceptions import (
    RegistrationClosed,
    RegistrationNotFound,
    RegistrationOver,
    TournamentFull,
    WrongState,
)
from apps.tournaments.metrics import REGISTRATION_TRANSITIONS
from apps.tournaments.models import Registration, Tournament
from tests import factories, samples

pytestmark = pytest.mark.django_db


def statuses(tournament: Tournament) -> list[str]:
    return list(tournament.registrations.order_by("pk").values_list("status", flat=True))


def full(**fields: Any) -> tuple[Tournament, list[Registration]]:
    """Two seats, and three players who want one."""
    tournament = factories.make_tournament(capacity=2, **fields)
    return tournament, [factories.register(tournament) for _ in range(3)]


def test_who_finds_no_seat_waits() -> None:
    tournament, _ = full()
    assert statuses(tournament) == ["confirmed", "confirmed", "waitlisted"]


def test_an_unpaid_seat_is_a_seat() -> None:
    tournament, _ = full(entry_fee=100)
    assert statuses(tournament) == ["pending_payment", "pending_payment", "waitlisted"]


def test_the_list_has_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.tournaments.services.registrations.MAX_WAITING", 1)
    tournament, _ = full()
    with pytest.raises(TournamentFull):
        factories.register(tournament)


def test_who_withdraws_gives_the_seat_to_the_first_who_waits() -> None:
    tournament, (first, *_) = full()
    factories.register(tournament)
    services.registration_withdraw(registration_id=first.pk, player=first.player)
    assert statuses(tournament) == ["withdrawn", "confirmed", "confirmed", "waitlisted"]
    names = [event.name for event in since(f"tournament:{tournament.pk}", 0)][-3:]
    assert names == ["registration.left", "registration.promoted", "registration.confirmed"]


def test_who_withdrew_can_come_again_and_is_the_last() -> None:
    tournament, (first, *_) = full()
    services.registration_withdraw(registration_id=first.pk, player=first.player)
    factories.register(tournament, first.player)
    assert statuses(tournament) == ["withdrawn", "confirmed", "confirmed", "waitlisted"]


def test_nobody_withdraws_twice_nor_another() -> None:
    _, (first, second, _) = full()
    services.registration_withdraw(registration_id=first.pk, player=first.player)
    with pytest.raises(RegistrationOver):
        services.registration_withdraw(registration_id=first.pk, player=first.player)
    with pytest.raises(RegistrationNotFound):
        services.registration_withdraw(registration_id=second.pk, player=first.player)


def test_nobody_withdraws_from_what_has_begun() -> None:
    tournament, (first, *_) = full()
    services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    with pytest.raises(WrongState):
        services.registration_withdraw(registration_id=first.pk, player=first.player)


def test_who_has_paid_and_withdraws_has_the_fee_back() -> None:
    _, (first, *_) = full(entry_fee=100)
    factories.pay(first)
    services.registration_withdraw(registration_id=first.pk, player=first.player)
    factories.send_refunds()
    first.refresh_from_db()
    assert first.status == "refunded"
    assert first.invoice.payments.get().status == "refunded"


def test_a_seat_that_is_not_paid_for_in_time_goes_to_the_next() -> None:
    tournament, (first, second, third) = full(entry_fee=100)
    factories.pay(second)
    assert services.tournaments_tick() == 0
    tournament.registrations.update(pay_until=timezone.now() - timedelta(seconds=1))
    assert services.tournaments_tick() == 1
    assert statuses(tournament) == ["expired", "confirmed", "pending_payment"]
    first.refresh_from_db()
    third.refresh_from_db()
    assert first.invoice.status == "void"
    assert third.invoice.status == "due"
    assert third.pay_until is not None
    assert third.pay_until > timezone.now()
    assert services.tournaments_tick() == 0


def test_full_tournaments_in_which_many_wait_take_no_turn_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("apps.tournaments.services.schedule.BATCH_SIZE", 1)
    full()
    other, _ = full(entry_fee=100)
    other.registrations.update(pay_until=timezone.now() - timedelta(seconds=1))
    assert services.tournaments_tick() == 1
    assert statuses(other) == ["expired", "expired", "pending_payment"]


def test_a_seat_is_held_while_its_payment_is_under_way() -> None:
    tournament, (first, *_) = full(entry_fee=100)
    with pytest.raises(ProviderUnavailable):
        factories.pay(first, "tok_unavailable")
    tournament.registrations.update(pay_until=timezone.now() - timedelta(seconds=1))
    services.tournaments_tick()
    assert statuses(tournament) == ["pending_payment", "expired", "pending_payment"]


def test_more_seats_are_given_to_who_waits() -> None:
    tournament, _ = full()
    services.tournament_edit(
        tournament_id=tournament.pk, organizer=tournament.organizer, capacity=3
    )
    assert statuses(tournament) == ["confirmed"] * 3


def test_who_still_waits_at_the_start_is_out() -> None:
    tournament, _ = full()
    services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    assert statuses(tournament) == ["confirmed", "confirmed", "cancelled"]


def test_registration_ends_with_its_window() -> None:
    tournament = factories.make_tournament(
        registration_closes_at=timezone.now() + timedelta(hours=1)
    )
    factories.register(tournament)
    tournament.registration_closes_at = timezone.now()
    tournament.save()
    with pytest.raises(RegistrationClosed):
        factories.register(tournament)


def test_every_move_is_counted(django_capture_on_commit_callbacks: Any) -> None:
    def counted() -> list[float]:
        name = "tournament_registrations_moved_total"
        return [float(samples.value(name, status=move) or 0) for move in REGISTRATION_TRANSITIONS]

    before = counted()
    with django_capture_on_commit_callbacks(execute=True):
        tournament, (first, *_) = full(check_in_minutes=30)
        services.registration_withdraw(registration_id=first.pk, player=first.player)
        services.tournament_check_in_open(
            tournament_id=tournament.pk, organizer=tournament.organizer
        )
        second = tournament.registrations.filter(status="confirmed").first()
        assert second is not None
        services.registration_check_in(registration_id=second.pk, player=second.player)
        services.tournament_no_shows_drop(
            tournament_id=tournament.pk, organizer=tournament.organizer
        )
    risen = dict(zip(REGISTRATION_TRANSITIONS, map(float.__sub__, counted(), before), strict=True))
    assert risen == {
        "waitlisted": 1, "promoted": 1, "checked_in": 1, "withdrawn": 1, "refunded": 0,
        "expired": 0, "no_show": 1,
    }  # fmt: skip
