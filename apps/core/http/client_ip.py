"""Where a request comes from, told once for the access line, the audit trail and every limit.

Each proxy of ours, TRUSTED_PROXIES of them, adds to `X-Forwarded-For` whom it speaks with. The one
that stands furthest from us saw the client; what is before its entry is the client's own word.
"""

from ipaddress import ip_address

from django.http import HttpRequest

from apps.core.conf import conf
from apps.core.types import Scope

UNKNOWN = "-"
LONGEST = 45  # an IPv4 address in IPv6's notation


def of_scope(scope: Scope) -> str:
    given = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    peer = (scope.get("client") or [UNKNOWN])[0]
    return _seen_by_our_first_proxy(b",".join(given).decode("latin1")) or str(peer)


def of_request(request: HttpRequest) -> str:
    """Django's headers are joined already, whichever server it runs under."""
    given = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return _seen_by_our_first_proxy(given) or request.META.get("REMOTE_ADDR") or UNKNOWN


def _seen_by_our_first_proxy(forwarded: str) -> str:
    """Nothing, where we trust no proxy, or it said what is no address."""
    if not conf.TRUSTED_PROXIES:
        return ""
    entries = forwarded.split(",")
    if len(entries) < conf.TRUSTED_PROXIES:
        return ""
    found = entries[-conf.TRUSTED_PROXIES].strip()
    try:
        return str(ip_address(found)) if len(found) <= LONGEST else ""
    except ValueError:
        return ""
