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
    """Sets the gauges of open disputes."""
    backlog = selectors.dispute_backlog()
    metrics.match_disputes_open.set(backlog.disputes)
    metrics.match_dispute_oldest.set(backlog.oldest_age.total_seconds())
