"""Confirmed entrants check in before the start; standbys replace no-shows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.tournaments import exceptions, services
from apps.tournaments.models import Registration, Tournament
from tests import factories
from tests.tournaments.steps import by_organizer, check_in, event_names, statuses, withdraw

pytestmark = pytest.mark.django_db


def registrations_at_check_in(
    players: int = 3, capacity: int = 2, **fields: Any
) -> list[Registration]:
    """Of a tournament with open check-in."""
    tournament = factories.make_tournament(capacity=capacity, check_in_minutes=30, **fields)
    registrations = [factories.register(tournament) for _ in range(players)]
    by_organizer(services.tournament_check_in_open, tournament)
    return registrations


def test_a_waitlisted_player_who_did_not_check_in_replaces_no_one() -> None:
    first, *_ = registrations_at_check_in()
    check_in(first)
    with pytest.raises(exceptions.TooFewEntrants):
        by_organizer(services.tournament_start, first.tournament)
    assert statuses(first.tournament) == ["checked_in", "confirmed", "waitlisted"]


def test_a_seat_that_is_withdrawn_during_check_in_goes_to_a_standby() -> None:
    first, _, _, fourth = registrations_at_check_in(players=4)
    check_in(fourth)
    withdraw(first)
    assert statuses(first.tournament) == ["withdrawn", "confirmed", "waitlisted", "checked_in"]


def test_a_second_check_in_changes_nothing() -> None:
    first, _, third = registrations_at_check_in()
    for _ in range(2):
        assert check_in(first).status == "checked_in"
        assert check_in(third).stands_by
    names = event_names(first.tournament)
    assert names.count("registration.checked_in") == 1
    assert names.count("registration.stands_by") == 1


def test_check_in_requires_payment_and_a_payment_checks_in() -> None:
    first, *_ = registrations_at_check_in(entry_fee=100)
    with pytest.raises(exceptions.NotPaidYet):
        check_in(first)
    factories.pay(first)
    first.refresh_from_db()
    assert first.status == "checked_in"


def test_a_paid_seat_of_a_no_show_is_offered_before_the_start() -> None:
    tournament = factories.make_tournament(capacity=2, check_in_minutes=30, entry_fee=100)
    first, second, third = (factories.register(tournament) for _ in range(3))
    for paid in (first, second):
        factories.pay(paid)
    by_organizer(services.tournament_check_in_open, tournament)
    check_in(first)
    check_in(third)
    by_organizer(services.tournament_no_shows_drop, tournament)
    assert statuses(tournament) == ["checked_in", "no_show", "pending_payment"]
    factories.pay(third)
    by_organizer(services.tournament_start, tournament)
    assert statuses(tournament) == ["checked_in", "no_show", "checked_in"]


@pytest.mark.parametrize(("open_for", "status"), [(29, "refunded"), (30, "no_show")])
def test_a_no_show_is_refunded_after_a_shortened_check_in(open_for: int, status: str) -> None:
    first, second, _ = registrations_at_check_in(entry_fee=100)
    tournament = first.tournament
    for registration in (first, second):
        factories.pay(registration)
    tournament.registrations.filter(pk=second.pk).update(status="confirmed")
    opened_at = timezone.now() - timedelta(minutes=open_for)
    Tournament.objects.filter(pk=tournament.pk).update(check_in_opened_at=opened_at)
    by_organizer(services.tournament_no_shows_drop, tournament)
    factories.send_refunds()
    assert statuses(tournament)[1] == status


def test_check_in_has_an_order() -> None:
    without = factories.make_tournament()
    with pytest.raises(exceptions.WrongState):
        by_organizer(services.tournament_check_in_open, without)
    tournament = factories.make_tournament(check_in_minutes=30)
    registration = factories.register(tournament)
    with pytest.raises(exceptions.WrongState):
        check_in(registration)
    for early in (services.tournament_start, services.tournament_no_shows_drop):
        with pytest.raises(exceptions.WrongState):
            by_organizer(early, tournament)
    by_organizer(services.tournament_check_in_open, tournament)
    with pytest.raises(exceptions.RegistrationClosed):
        factories.register(tournament)


def test_the_clock_opens_registration_and_check_in_and_reminds_once() -> None:
    now = timezone.now()
    tournament = factories.make_tournament(
        opened=False,
        registration_opens_at=now + timedelta(minutes=1),
        starts_at=now + timedelta(minutes=40),
        check_in_minutes=30,
    )

    def status_after(minutes: int) -> str:
        """Moves the schedule by the minutes that have passed."""
        for name in ("registration_opens_at", "starts_at"):
            setattr(tournament, name, getattr(tournament, name) - timedelta(minutes=minutes))
        tournament.save(update_fields=["registration_opens_at", "starts_at"])
        services.tournaments_tick()
        services.tournaments_tick()
        tournament.refresh_from_db()
        return tournament.status

    assert [status_after(minutes) for minutes in (0, 2, 7, 2, 15)] == [
        "draft", "registration_open", "registration_open", "check_in", "check_in",
    ]  # fmt: skip
    assert event_names(tournament) == [
        "tournament.created",
        "tournament.opened",
        "tournament.check_in_opened",
        "tournament.reminded",
    ]


def test_the_length_of_check_in_is_fixed_once_it_is_open() -> None:
    tournament = registrations_at_check_in()[0].tournament
    with pytest.raises(exceptions.BadPlan) as error:
        by_organizer(services.tournament_edit, tournament, check_in_minutes=0)
    assert error.value.fields == {"check_in_minutes": "can't be changed after check-in opens"}
    by_organizer(services.tournament_edit, tournament, check_in_minutes=30, rules="Be kind.")
