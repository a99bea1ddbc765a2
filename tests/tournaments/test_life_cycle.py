from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from apps.core.celery.batches import BatchIncomplete
from apps.events.audit import chain
from apps.events.models import EventRecord
from apps.payments.models import Transfer
from apps.payments.selectors import wallet_balance
from apps.tournaments import services
from apps.tournaments.exceptions import (
    AlreadyRegistered,
    NotYourTournament,
    RegistrationClosed,
    TooFewEntrants,
    WrongState,
)
from apps.tournaments.models import Tournament
from apps.tournaments.services import prizes
from tests import factories, samples

pytestmark = pytest.mark.django_db
Capture = Callable[..., AbstractContextManager[list[Callable[[], object]]]]


@pytest.mark.usefixtures("tasks_in_process")
def test_a_tournament_goes_from_draft_to_crown(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tournament = factories.make_live(4, prize_coins=300)
        factories.play_all(tournament)
    tournament.refresh_from_db()
    assert tournament.status == "completed"
    assert tournament.champion is not None
    assert wallet_balance(owner=tournament.champion) == 300
    names = EventRecord.objects.filter(stream=f"tournament:{tournament.pk}").values_list(
        "name", flat=True
    )
    assert list(names.order_by("seq"))[-2:] == ["tournament.completed", "prize.paid"]
    assert chain.first_fault(f"tournament:{tournament.pk}") is None


def test_the_prize_is_paid_once_however_often_the_task_runs() -> None:
    tournament = factories.make_live(2, prize_coins=70)
    factories.play_all(tournament)
    assert [services.prize_pay(tournament_id=tournament.pk) for _ in range(3)] == [
        True,
        False,
        False,
    ]
    assert Transfer.objects.count() == 1
    assert EventRecord.objects.filter(name="prize.paid").count() == 1


def test_the_sweep_pays_what_the_task_did_not() -> None:
    tournament = factories.make_live(2, prize_coins=70)
    factories.play_all(tournament)
    assert services.prizes_sweep() == 1
    assert services.prizes_sweep() == 0


def test_the_sweep_pays_though_a_whole_turn_before_always_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prizes, "BATCH_SIZE", 3)
    for _ in range(3):  # nobody has a place, so there is nobody to pay
        Tournament.objects.filter(pk=factories.make_live(2, prize_coins=70).pk).update(
            status=Tournament.Status.COMPLETED, champion=factories.make_user()
        )
    factories.play_all(factories.make_live(2, prize_coins=70))
    for _ in range(2):
        with pytest.raises(BatchIncomplete):
            services.prizes_sweep()
    assert Transfer.objects.count() == 1


def test_a_player_registers_once() -> None:
    tournament = factories.make_tournament()
    player = factories.make_user()
    factories.register(tournament, player)
    with pytest.raises(AlreadyRegistered):
        factories.register(tournament, player)


def test_a_refused_registration_is_counted_as_failed() -> None:
    tournament = factories.make_tournament()
    services.tournament_cancel(tournament_id=tournament.pk, organizer=tournament.organizer)
    labels = {"tournament_id": "other", "status": "FAILED"}
    before = samples.value("tournament_registrations_total", **labels) or 0
    with pytest.raises(RegistrationClosed):
        factories.register(tournament)
    assert samples.value("tournament_registrations_total", **labels) == before + 1


def test_one_player_is_no_tournament() -> None:
    tournament = factories.make_tournament()
    factories.register(tournament)
    with pytest.raises(TooFewEntrants):
        services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    tournament.refresh_from_db()
    assert tournament.status == "registration_open"


@pytest.mark.parametrize("verb", ["open", "start", "cancel"])
def test_only_the_organizer_decides(verb: str) -> None:
    tournament = factories.make_tournament()
    with pytest.raises(NotYourTournament):
        getattr(services, f"tournament_{verb}")(
            tournament_id=tournament.pk, organizer=factories.make_user()
        )


LEGAL = {
    ("draft", "open"),
    ("draft", "cancel"),
    ("registration_open", "start"),
    ("registration_open", "cancel"),
    ("check_in", "start"),
    ("check_in", "cancel"),
    ("live", "cancel"),
}


@pytest.mark.parametrize("verb", ["open", "start", "cancel"])
@pytest.mark.parametrize("status", Tournament.Status.values)
def test_every_move_that_is_not_legal_is_refused(status: str, verb: str) -> None:
    tournament = factories.make_tournament()
    factories.register(tournament)
    factories.register(tournament)
    Tournament.objects.filter(pk=tournament.pk).update(status=status)
    tournament.registrations.update(status="checked_in" if status == "check_in" else "confirmed")
    move = getattr(services, f"tournament_{verb}")
    if (status, verb) in LEGAL:
        move(tournament_id=tournament.pk, organizer=tournament.organizer)
    else:
        with pytest.raises(WrongState):
            move(tournament_id=tournament.pk, organizer=tournament.organizer)
        tournament.refresh_from_db()
        assert tournament.status == status
