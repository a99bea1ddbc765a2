from celery import shared_task

from apps.core.celery.batches import BatchIncomplete
from apps.tournaments import services


@shared_task
def prize_pay(tournament_id: int) -> bool:
    return services.prize_pay(tournament_id=tournament_id)


@shared_task(throws=(BatchIncomplete,))
def tournaments_tick() -> int:
    return services.tournaments_tick()


@shared_task(throws=(BatchIncomplete,))
def prizes_sweep() -> int:
    return services.prizes_sweep()
