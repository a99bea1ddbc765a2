from collections import Counter

from celery import shared_task

from apps.core.celery.batches import BatchIncomplete
from apps.core.celery.tasks import on_worker_start
from apps.payments import metrics, services


@shared_task(throws=(BatchIncomplete,))
def payments_resume() -> int:
    return services.payments_resume()


@shared_task
def refund_send(refund_id: int) -> None:
    services.refund_send(refund_id=refund_id)


@shared_task(throws=(BatchIncomplete,))
def refunds_resume() -> int:
    return services.refunds_resume()


@shared_task(throws=(BatchIncomplete,))
def webhooks_retry() -> int:
    return services.webhooks_retry()


@shared_task
def keys_expire() -> int:
    return services.keys_expire()


@shared_task(throws=(BatchIncomplete,))
def sandbox_deliver() -> int:
    return services.sandbox_webhooks_send()


@shared_task
def reconcile() -> int:
    counts: Counter[str] = Counter()
    for method in metrics.PAYMENT_METHODS:
        counts += services.reconcile(method)
    for kind in metrics.DISAGREEMENTS:
        metrics.payments_disagreements.labels(kind).set(counts[kind])
    metrics.payments_reconciled.set_to_current_time()
    return counts.total()


@on_worker_start
@shared_task
def ledger_check() -> int:
    ledger = services.ledger_check()
    metrics.ledger_imbalance.set(ledger.imbalance)
    metrics.ledger_money_imbalance.set(ledger.money_imbalance)
    metrics.ledger_circulation.set(ledger.circulation)
    metrics.ledger_awarded.set(ledger.awarded)
    metrics.ledger_checked.set_to_current_time()
    return ledger.imbalance + ledger.money_imbalance
