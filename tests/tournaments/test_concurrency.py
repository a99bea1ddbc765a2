"""Concurrent requests, on Postgres."""

from functools import partial

import pytest
from django.db import transaction

from apps.events import recording
from apps.events.audit import chain
from apps.events.models import EventRecord
from apps.matches.services import match_confirm, match_report
from apps.payments.models import Payment
from apps.tournaments.events import TournamentCancelled
from apps.tournaments.services import tournament_cancel
from tests import factories, samples
from tests.threads import run_concurrently
from tests.tournaments.steps import by_organizer, statuses

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_seats_are_never_oversold_and_the_waiting_list_keeps_its_order() -> None:
    tournament = factories.make_tournament(capacity=16)
    players = [factories.make_user() for _ in range(100)]
    registering = (partial(factories.register, tournament, player) for player in players)
    run_concurrently(*registering, threads=8)
    assert statuses(tournament) == ["confirmed"] * 16 + ["waitlisted"] * 84


def test_one_idempotency_key_is_charged_and_counted_once() -> None:
    registration = factories.register(factories.make_tournament(entry_fee=500))
    before = samples.value("payments_processed_total", status="SUCCESS", method="STRIPE") or 0
    results = run_concurrently(*[partial(factories.pay, registration, key="same")] * 20, threads=8)
    after = samples.value("payments_processed_total", status="SUCCESS", method="STRIPE")
    assert set(results) <= {None, "payment_in_progress"}
    assert Payment.objects.count() == 1
    assert after == before + 1
    assert EventRecord.objects.filter(name="payment.succeeded").count() == 1


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
        results = run_concurrently(confirm, partial(by_organizer, tournament_cancel, tournament))
        assert len([result for result in results if isinstance(result, str)]) == 1
        tournament.refresh_from_db()
        last = EventRecord.objects.filter(stream=f"tournament:{tournament.pk}").latest("seq")
        assert last.name == f"tournament.{tournament.status}"
