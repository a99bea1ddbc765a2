"""Many at once, on a real Postgres."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from apps.core import chain, events
from apps.core.exceptions import Refusal
from apps.core.models import EventRecord
from apps.matches.services import match_confirm, match_report
from apps.payments.models import Payment
from apps.tournaments.events import TournamentCancelled
from apps.tournaments.services import tournament_cancel
from tests import factories, samples

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(job: Callable[[Any], object], arguments: list[Any]) -> list[object]:
    """What each call gave, or the refusal it raised."""

    def run(argument: Any) -> object:
        try:
            return job(argument)
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(run, arguments))


def test_seats_are_never_oversold() -> None:
    tournament = factories.make_tournament(capacity=8)
    players = [factories.make_user() for _ in range(30)]
    found = at_once(lambda player: factories.register(tournament, player), players)
    refused = [one for one in found if isinstance(one, Refusal)]
    assert tournament.registrations.count() == 8
    assert {one.code for one in refused} == {"tournament_full"}
    assert len(refused) == 22


def test_one_key_is_one_charge_and_one_count() -> None:
    registration = factories.register(factories.make_tournament(entry_fee=500))
    before = samples.value("payments_processed_total", status="SUCCESS", method="STRIPE") or 0
    found = at_once(lambda _: factories.pay(registration, key="same"), list(range(20)))
    after = samples.value("payments_processed_total", status="SUCCESS", method="STRIPE")
    refused = {one.code for one in found if isinstance(one, Refusal)}
    assert refused <= {"payment_in_progress"}
    assert Payment.objects.count() == 1
    assert after == before + 1
    assert EventRecord.objects.filter(name="payment.succeeded").count() == 1


def test_a_stream_written_by_many_has_no_gap_and_one_chain() -> None:
    def write(_: int) -> None:
        with transaction.atomic():
            events.record(TournamentCancelled(tournament_id=999))

    at_once(write, list(range(40)))
    seqs = EventRecord.objects.filter(stream="tournament:999").values_list("seq", flat=True)
    assert sorted(seqs) == list(range(1, 41))
    assert chain.first_bad("tournament:999") is None


def test_a_final_confirmed_while_it_is_cancelled_ends_one_way() -> None:
    for _ in range(5):
        tournament = factories.make_live(2)
        match = tournament.matches.get()
        assert match.player_a
        assert match.player_b
        match_report(match_id=match.pk, player=match.player_a, score=(2, 0))
        confirm = partial(match_confirm, match_id=match.pk, player=match.player_b)
        cancel = partial(
            tournament_cancel, tournament_id=tournament.pk, organizer=tournament.organizer
        )
        found = at_once(lambda job: job(), [confirm, cancel])
        assert len([one for one in found if isinstance(one, Refusal)]) == 1
        tournament.refresh_from_db()
        last = EventRecord.objects.filter(stream=f"tournament:{tournament.pk}").latest("seq")
        assert last.name == f"tournament.{tournament.status}"
