"""Many at once, on a real Postgres."""

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
from tests.threads import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_seats_are_never_oversold_and_the_rest_wait_in_order() -> None:
    tournament = factories.make_tournament(capacity=16)
    players = [factories.make_user() for _ in range(100)]
    registering = (partial(factories.register, tournament, player) for player in players)
    at_once(*registering, threads=8)
    statuses = tournament.registrations.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["confirmed"] * 16 + ["waitlisted"] * 84


def test_one_key_is_one_charge_and_one_count() -> None:
    registration = factories.register(factories.make_tournament(entry_fee=500))
    before = samples.value("payments_processed_total", status="SUCCESS", method="STRIPE") or 0
    found = at_once(*[partial(factories.pay, registration, key="same")] * 20, threads=8)
    after = samples.value("payments_processed_total", status="SUCCESS", method="STRIPE")
    assert {one for one in found if isinstance(one, str)} <= {"payment_in_progress"}
    assert Payment.objects.count() == 1
    assert after == before + 1
    assert EventRecord.objects.filter(name="payment.succeeded").count() == 1


def test_a_stream_written_by_many_has_no_gap_and_one_chain() -> None:
    def write() -> None:
        with transaction.atomic():
            recording.record(TournamentCancelled(tournament_id=999))

    at_once(*[write] * 40, threads=8)
    seqs = EventRecord.objects.filter(stream="tournament:999").values_list("seq", flat=True)
    assert sorted(seqs) == list(range(1, 41))
    assert chain.first_fault("tournament:999") is None


def test_a_final_confirmed_while_it_is_cancelled_ends_one_way() -> None:
    for _ in range(5):
        tournament = factories.make_live(2)
        match = tournament.matches.get()
        assert match.entrant_a
        assert match.entrant_b
        match_report(match_id=match.pk, player=match.entrant_a.player, score=(2, 0))
        confirm = partial(match_confirm, match_id=match.pk, player=match.entrant_b.player)
        cancel = partial(
            tournament_cancel, tournament_id=tournament.pk, organizer=tournament.organizer
        )
        found = at_once(confirm, cancel)
        assert len([one for one in found if isinstance(one, str)]) == 1
        tournament.refresh_from_db()
        last = EventRecord.objects.filter(stream=f"tournament:{tournament.pk}").latest("seq")
        assert last.name == f"tournament.{tournament.status}"
