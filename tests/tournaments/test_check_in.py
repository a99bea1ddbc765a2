"""Who is confirmed says that they are there; who does not is replaced."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from apps.events.recording import since
from apps.tournaments import services
from apps.tournaments.exceptions import (
    BadPlan,
    NotPaidYet,
    RegistrationClosed,
    RegistrationOver,
    TooFewEntrants,
    WrongState,
)
from apps.tournaments.models import Registration, Tournament
from tests import factories

pytestmark = pytest.mark.django_db


def check_in(registration: Registration) -> Registration:
    return services.registration_check_in(
        registration_id=registration.pk, player=registration.player
    )


def begun(players: int = 3, capacity: int = 2, **fields: Any) -> list[Registration]:
    """The registrations of a tournament whose check-in is open."""
    tournament = factories.make_tournament(capacity=capacity, check_in_minutes=30, **fields)
    registrations = [factories.register(tournament) for _ in range(players)]
    organized(services.tournament_check_in_open, tournament)
    for registration in registrations:
        registration.tournament.refresh_from_db()
    return registrations


def organized(service: Any, tournament: Tournament) -> None:
    service(tournament_id=tournament.pk, organizer=tournament.organizer)


def statuses(tournament: Tournament) -> list[str]:
    return list(tournament.registrations.order_by("pk").values_list("status", flat=True))


def test_who_checked_in_plays() -> None:
    first, second, _ = begun()
    check_in(first)
    check_in(second)
    organized(services.tournament_start, first.tournament)
    assert statuses(first.tournament) == ["checked_in", "checked_in", "cancelled"]


def test_a_no_show_is_replaced_by_who_stands_by() -> None:
    first, second, third = begun()
    check_in(first)
    check_in(third)
    organized(services.tournament_start, first.tournament)
    assert statuses(first.tournament) == ["checked_in", "no_show", "checked_in"]
    match = first.tournament.matches.get()
    assert {match.entrant_a, match.entrant_b} == {first, third}
    assert second not in (match.entrant_a, match.entrant_b)


def test_who_waits_and_did_not_check_in_replaces_nobody() -> None:
    first, _, _ = begun()
    check_in(first)
    with pytest.raises(TooFewEntrants):
        organized(services.tournament_start, first.tournament)
    assert statuses(first.tournament) == ["checked_in", "confirmed", "waitlisted"]


def test_a_seat_given_up_during_check_in_is_for_who_stands_by() -> None:
    first, second, third = begun(4, 2)[:3]
    fourth = first.tournament.registrations.order_by("pk").last()
    assert fourth is not None
    check_in(fourth)
    services.registration_withdraw(registration_id=first.pk, player=first.player)
    assert statuses(first.tournament) == ["withdrawn", "confirmed", "waitlisted", "checked_in"]
    assert second.pk < third.pk < fourth.pk


def test_checking_in_twice_is_once() -> None:
    first, _, third = begun()
    for _ in range(2):
        assert check_in(first).status == "checked_in"
        assert check_in(third).stands_by
    names = [event.name for event in since(f"tournament:{first.tournament_id}", 0)]
    assert names.count("registration.checked_in") == 1
    assert names.count("registration.stands_by") == 1


def test_a_fee_is_paid_before_checking_in_and_paying_then_is_checking_in() -> None:
    first, _, _ = begun(entry_fee=100)
    with pytest.raises(NotPaidYet):
        check_in(first)
    factories.pay(first)
    first.refresh_from_db()
    assert first.status == "checked_in"


def test_the_seat_of_a_no_show_with_a_fee_is_offered_before_the_start() -> None:
    tournament = factories.make_tournament(capacity=2, check_in_minutes=30, entry_fee=100)
    first, second, third = (factories.register(tournament) for _ in range(3))
    for paid in (first, second):
        factories.pay(paid)
    organized(services.tournament_check_in_open, tournament)
    check_in(first)
    check_in(third)
    organized(services.tournament_no_shows_drop, tournament)
    assert statuses(tournament) == ["checked_in", "no_show", "pending_payment"]
    factories.pay(third)
    organized(services.tournament_start, tournament)
    assert statuses(tournament) == ["checked_in", "no_show", "checked_in"]


@pytest.mark.parametrize(("open_for", "status"), [(29, "refunded"), (30, "no_show")])
def test_a_no_show_keeps_the_fee_unless_there_was_time_enough(open_for: int, status: str) -> None:
    first, second, _ = begun(entry_fee=100)
    tournament = first.tournament
    for registration in (first, second):
        factories.pay(registration)
    tournament.registrations.filter(pk=second.pk).update(status="confirmed")
    opened_at = timezone.now() - timedelta(minutes=open_for)
    Tournament.objects.filter(pk=tournament.pk).update(check_in_opened_at=opened_at)
    organized(services.tournament_no_shows_drop, tournament)
    factories.send_refunds()
    second.refresh_from_db()
    assert second.status == status


def test_nobody_signs_up_any_more_nor_checks_in_before() -> None:
    tournament = factories.make_tournament(check_in_minutes=30)
    registration = factories.register(tournament)
    with pytest.raises(WrongState):
        check_in(registration)
    with pytest.raises(WrongState):
        organized(services.tournament_start, tournament)
    with pytest.raises(WrongState):
        organized(services.tournament_no_shows_drop, tournament)
    organized(services.tournament_check_in_open, tournament)
    with pytest.raises(RegistrationClosed):
        factories.register(tournament)


def test_who_left_does_not_check_in() -> None:
    first, *_ = begun()
    services.registration_withdraw(registration_id=first.pk, player=first.player)
    with pytest.raises(RegistrationOver):
        check_in(first)


def test_the_clock_opens_registration_and_check_in_and_reminds_once() -> None:
    now = timezone.now()
    tournament = factories.make_tournament(
        opened=False,
        registration_opens_at=now + timedelta(minutes=1),
        starts_at=now + timedelta(minutes=40),
        check_in_minutes=30,
    )

    def at(minutes: int) -> str:
        """After so many minutes, which the plan comes nearer by."""
        for name in ("registration_opens_at", "starts_at"):
            setattr(tournament, name, getattr(tournament, name) - timedelta(minutes=minutes))
        tournament.save(update_fields=["registration_opens_at", "starts_at"])
        services.tournaments_tick()
        services.tournaments_tick()
        tournament.refresh_from_db()
        return tournament.status

    assert at(0) == "draft"
    assert at(2) == "registration_open"
    assert at(7) == "registration_open"
    assert at(2) == "check_in"
    assert at(15) == "check_in"
    names = [event.name for event in since(f"tournament:{tournament.pk}", 0)]
    assert names == [
        "tournament.created",
        "tournament.opened",
        "tournament.check_in_opened",
        "tournament.reminded",
    ]


def test_there_is_no_check_in_where_none_was_announced() -> None:
    tournament = factories.make_tournament()
    with pytest.raises(WrongState):
        organized(services.tournament_check_in_open, tournament)


def test_how_long_there_is_to_check_in_is_settled_once_it_is_open() -> None:
    tournament = begun()[0].tournament
    edit = partial(
        services.tournament_edit, tournament_id=tournament.pk, organizer=tournament.organizer
    )
    with pytest.raises(BadPlan) as refused:
        edit(check_in_minutes=0)
    assert refused.value.fields == {"check_in_minutes": "can't be changed after check-in opens"}
    edit(check_in_minutes=30, rules="Be kind.")
