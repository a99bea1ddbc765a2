from celery import shared_task

from apps.core.celery.batches import Undone
from apps.tournaments import services


@shared_task
def prize_pay(tournament_id: int) -> bool:
    return services.prize_pay(tournament_id=tournament_id)


@shared_task(throws=(Undone,))
def tournaments_tick() -> int:
    return services.tournaments_tick()


@shared_task(throws=(Undone,))
def prizes_sweep() -> int:
    return services.prizes_sweep()
