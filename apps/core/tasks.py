"""What keeps an eye on the application itself, sent by beat."""

from celery import shared_task

from apps.core import chain, metrics


@shared_task
def heartbeat() -> None:
    """Its being run says that beat, the broker and a worker are all at work."""
    metrics.beat_heartbeat.set_to_current_time()


@shared_task
def audit_verify() -> int:
    """Verifies the chains that were not for longest. Returns how many streams are broken."""
    broken = chain.verify_oldest()
    metrics.audit_broken.set(broken)
    metrics.audit_verified.set_to_current_time()
    return broken
