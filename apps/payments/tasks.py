from celery import shared_task

from apps.core import metrics
from apps.payments import services


@shared_task
def payments_resume() -> int:
    return services.payments_resume()


@shared_task
def ledger_check() -> int:
    """Returns by how many coins the ledger is off."""
    ledger = services.ledger_check()
    metrics.ledger_imbalance.set(ledger.imbalance)
    metrics.ledger_circulation.set(ledger.circulation)
    metrics.ledger_checked.set_to_current_time()
    return ledger.imbalance
