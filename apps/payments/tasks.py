from celery import shared_task

from apps.payments import services


@shared_task
def payments_resume() -> int:
    return services.payments_resume()
