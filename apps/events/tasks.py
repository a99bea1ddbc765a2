from celery import shared_task
from django.db.models import Count, Max

from apps.core.celery.tasks import on_worker_start
from apps.events import metrics
from apps.events.audit import anchors, chain
from apps.events.models import Stream


@shared_task
def audit_anchor() -> int:
    """Writes the heads of changed streams to the log. Returns the number of heads."""
    return anchors.anchor_heads()


@shared_task
def audit_verify() -> int:
    """Verifies the chains with the oldest verification. Returns the number of broken streams."""
    broken = chain.verify_oldest()
    metrics.audit_broken.set(broken)
    metrics.audit_verified.set_to_current_time()
    return broken


@on_worker_start
def initialize_audit_gauges() -> None:
    """Sets the gauges from stored results: verifying every chain would take too long."""
    results = Stream.objects.aggregate(verified=Max("verified_at"), broken=Count("bad_seq"))
    metrics.audit_broken.set(results["broken"])
    if results["verified"] is not None:
        metrics.audit_verified.set(results["verified"].timestamp())
