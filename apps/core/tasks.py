"""What keeps an eye on the application itself, sent by beat."""

from collections.abc import Callable
from typing import TypeVar

from celery import shared_task
from django.db.models import Count, Max

from apps.core import chain, metrics
from apps.core.audit import anchors
from apps.core.models import Stream

Check = TypeVar("Check", bound=Callable[[], object])
TOLD_AT_START: list[Callable[[], object]] = []


def told_at_start(check: Check) -> Check:
    """For what sets gauges: it runs once in a worker whose gauges are new, before they are served.
    Until then they are 0, which would say that nothing is wrong."""
    TOLD_AT_START.append(check)
    return check


@shared_task
def heartbeat() -> None:
    """Its being run says that beat, the broker and a worker are all at work."""
    metrics.beat_heartbeat.set_to_current_time()


@shared_task
def audit_anchor() -> int:
    """Tells the log of the streams that grew. Returns how many it told of."""
    return anchors.anchor_heads()


@shared_task
def audit_verify() -> int:
    """Verifies the chains that were not for longest. Returns how many streams are broken."""
    broken = chain.verify_oldest()
    metrics.audit_broken.set(broken)
    metrics.audit_verified.set_to_current_time()
    return broken


@told_at_start
def tell_of_last_check() -> None:
    """What is known of the chains already: to verify them all would take too long."""
    known = Stream.objects.aggregate(verified=Max("verified_at"), broken=Count("bad_seq"))
    metrics.audit_broken.set(known["broken"])
    if known["verified"] is not None:
        metrics.audit_verified.set(known["verified"].timestamp())
