"""Prizes: paid by a task, once however often it runs."""

import logging

from django.db import transaction
from django.db.models import QuerySet

from apps.core.events import record
from apps.payments.services import coins_transfer, wallet_issuer, wallet_of
from apps.tournaments.events import PrizePaid
from apps.tournaments.models import Tournament
from apps.tournaments.services.life_cycle import person

logger = logging.getLogger(__name__)


@transaction.atomic
def prize_pay(*, tournament_id: int) -> bool:
    """Gives the champion the prize: False where that has been done before."""
    tournament = Tournament.objects.select_for_update().get(pk=tournament_id)
    champion = tournament.champion
    if champion is None or tournament.prize_paid or not tournament.prize_coins:
        return False
    tournament.prize_paid = True
    tournament.save(update_fields=["prize_paid"])
    coins_transfer(
        key=f"prize:{tournament_id}",
        source=wallet_issuer(),
        destination=wallet_of(champion),
        coins=tournament.prize_coins,
    )
    record(
        PrizePaid(
            tournament_id=tournament_id, player=person(champion), coins=tournament.prize_coins
        )
    )
    return True


def prizes_sweep() -> int:
    """Pays what was not: the task was lost, or the power went before it was sent. Returns how
    many."""
    paid = 0
    for pk in _unpaid().order_by("pk").values_list("pk", flat=True)[:100]:
        try:
            paid += prize_pay(tournament_id=pk)
        except Exception:
            # One that cannot be paid keeps the others from nothing; the next turn tries again.
            logger.exception("Prizes could not be paid", extra={"tournament_id": pk})
    return paid


def _unpaid() -> QuerySet[Tournament]:
    return Tournament.objects.filter(
        status=Tournament.Status.COMPLETED, prize_paid=False, prize_coins__gt=0
    )
