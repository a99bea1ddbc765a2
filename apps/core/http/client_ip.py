"""The client's IP address, for the access log, the audit trail and rate limits.

Each of TRUSTED_PROXIES reverse proxies appends its peer to `X-Forwarded-For`. The outermost of them
saw the client; everything before its entry may be forged.
"""

from ipaddress import ip_address

from django.http import HttpRequest

from apps.core.conf import conf
from apps.core.types import Scope

UNKNOWN = "-"
MAX_LENGTH = 45  # an IPv4 address in IPv6 notation


def of_scope(scope: Scope) -> str:
    headers = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    peer = (scope.get("client") or [UNKNOWN])[0]
    return _forwarded_for(b",".join(headers).decode("latin1")) or str(peer)


def of_request(request: HttpRequest) -> str:
    header = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return _forwarded_for(header) or request.META.get("REMOTE_ADDR") or UNKNOWN


def _forwarded_for(header: str) -> str:
    """Empty without trusted proxies, or if their entry is not an address."""
    entries = header.split(",")
    if not conf.TRUSTED_PROXIES or len(entries) < conf.TRUSTED_PROXIES:
        return ""
    entry = entries[-conf.TRUSTED_PROXIES].strip()
    try:
        return str(ip_address(entry)) if len(entry) <= MAX_LENGTH else ""
    except ValueError:
        return ""
