"""The background jobs of each web process."""

from functools import partial
from typing import Any

from django.conf import settings
from django_prometheus.migrations import ExportMigrations

from apps.core.http.lifespan import Job
from apps.matches.metrics import active_tournaments
from apps.tournaments.selectors import active_titles
from deltacrown.celery import app

SYNC_SECONDS = 15.0
MIGRATIONS_SECONDS = 60.0


def sync_tournament_series() -> None:
    """Needed because other processes start and complete tournaments too."""
    active_tournaments.sync({pk: {"game_title": title} for pk, title in active_titles().items()})


def background_jobs() -> list[tuple[float, Job]]:
    """Without a broker, celery beat does not run, so the web process runs its schedule."""
    jobs: list[tuple[float, Job]] = [(SYNC_SECONDS, sync_tournament_series)]
    if settings.ENABLE_PROMETHEUS:
        jobs.append((MIGRATIONS_SECONDS, ExportMigrations))
    if settings.CELERY_TASK_ALWAYS_EAGER:
        schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
        jobs += [
            (entry["schedule"], partial(_run_task, entry["task"])) for entry in schedule.values()
        ]
    return jobs


def _run_task(name: str) -> None:
    app.tasks[name].delay()
