"""Authorization of a request for a metrics page."""

import hmac

from apps.core.conf import conf


def authorized(header: str) -> bool:
    """Whether a request with this Authorization header may read metrics, of any process."""
    if not conf.METRICS_TOKEN:
        return True
    expected = f"Bearer {conf.METRICS_TOKEN}"
    return hmac.compare_digest(header.encode("latin1", "replace"), expected.encode("utf-8"))
