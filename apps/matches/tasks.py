from celery import shared_task

from apps.core.celery.batches import BatchIncomplete
from apps.core.celery.tasks import on_worker_start
from apps.matches import metrics, selectors, services


@shared_task
def round_draw(tournament_id: int) -> int:
    return services.round_draw(tournament_id=tournament_id)


@shared_task(throws=(BatchIncomplete,))
def draws_sweep() -> int:
    return services.draws_sweep()


@shared_task(throws=(BatchIncomplete,))
def no_shows_sweep() -> int:
    return services.no_shows_sweep()


@shared_task(throws=(BatchIncomplete,))
def reminders_sweep() -> int:
    return services.reminders_sweep()


@on_worker_start
@shared_task
def disputes_count() -> None:
    """How many disputes wait for an organizer: told by metrics, not by the log."""
    waiting = selectors.disputes_waiting()
    metrics.match_disputes_open.set(waiting.disputes)
    metrics.match_dispute_oldest.set(waiting.oldest.total_seconds())
