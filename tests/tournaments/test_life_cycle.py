"""States of a tournament, and its prizes."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from apps.core.celery.batches import BatchIncomplete
from apps.events.audit import chain
from apps.events.models import EventRecord
from apps.payments.models import Transfer
from apps.payments.selectors import wallet_balance
from apps.tournaments import services
from apps.tournaments.exceptions import NotYourTournament, RegistrationClosed, WrongState
from apps.tournaments.models import Tournament
from apps.tournaments.services import prizes
from apps.tournaments.services.life_cycle import TRANSITIONS
from tests import factories, samples
from tests.tournaments.steps import by_organizer, event_names

pytestmark = pytest.mark.django_db
Capture = Callable[..., AbstractContextManager[list[Callable[[], object]]]]


@pytest.mark.usefixtures("tasks_in_process")
def test_a_played_tournament_pays_its_champion(django_capture_on_commit_callbacks: Capture) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tournament = factories.make_live(4, prize_coins=300)
        factories.play_all(tournament)
    tournament.refresh_from_db()
    assert tournament.status == "completed"
    assert tournament.champion is not None
    assert wallet_balance(owner=tournament.champion) == 300
    assert event_names(tournament)[-2:] == ["tournament.completed", "prize.paid"]
    assert chain.first_fault(f"tournament:{tournament.pk}") is None


def test_the_sweep_pays_a_prize_whose_task_did_not_run_exactly_once() -> None:
    tournament = factories.make_live(2, prize_coins=70)
    factories.play_all(tournament)
    assert [services.prizes_sweep() for _ in range(2)] == [1, 0]
    assert services.prize_pay(tournament_id=tournament.pk) is False
    assert Transfer.objects.count() == 1
    assert EventRecord.objects.filter(name="prize.paid").count() == 1


def test_the_sweep_pays_after_a_batch_that_always_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prizes, "BATCH_SIZE", 3)
    for _ in range(3):  # without placements, paying fails
        Tournament.objects.filter(pk=factories.make_live(2, prize_coins=70).pk).update(
            status=Tournament.Status.COMPLETED, champion=factories.make_user()
        )
    factories.play_all(factories.make_live(2, prize_coins=70))
    for _ in range(1000):  # each batch is three of the four, chosen at random
        with pytest.raises(BatchIncomplete):
            services.prizes_sweep()
        if Transfer.objects.exists():
            break
    assert Transfer.objects.count() == 1


def test_a_rejected_registration_is_counted_as_failed() -> None:
    tournament = factories.make_tournament()
    by_organizer(services.tournament_cancel, tournament)
    labels = {"tournament_id": "other", "status": "FAILED"}
    before = samples.value("tournament_registrations_total", **labels) or 0
    with pytest.raises(RegistrationClosed):
        factories.register(tournament)
    assert samples.value("tournament_registrations_total", **labels) == before + 1


@pytest.mark.parametrize("verb", ["open", "start", "cancel", "edit"])
def test_only_the_organizer_can_change_a_tournament(verb: str) -> None:
    tournament = factories.make_tournament()
    with pytest.raises(NotYourTournament):
        getattr(services, f"tournament_{verb}")(
            tournament_id=tournament.pk, organizer=factories.make_user()
        )


RESULTS = {"open": "registration_open", "start": "live", "cancel": "cancelled"}


@pytest.mark.parametrize("verb", RESULTS)
@pytest.mark.parametrize("status", Tournament.Status.values)
def test_only_documented_transitions_are_possible(status: str, verb: str) -> None:
    tournament = factories.make_tournament()
    factories.register(tournament)
    factories.register(tournament)
    Tournament.objects.filter(pk=tournament.pk).update(status=status)
    tournament.registrations.update(status="checked_in" if status == "check_in" else "confirmed")
    service = getattr(services, f"tournament_{verb}")
    if RESULTS[verb] in TRANSITIONS.get(Tournament.Status(status), ()):
        assert by_organizer(service, tournament).status == RESULTS[verb]
    else:
        with pytest.raises(WrongState):
            by_organizer(service, tournament)
        tournament.refresh_from_db()
        assert tournament.status == status
