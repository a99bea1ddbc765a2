"""What the audit trail is signed with, and what it may have been signed with before.

A key is made from AUDIT_KEY, or from SECRET_KEY where there is none. The first signs; a signature
of any fits, so a key can be changed without a record's looking forged: the old one goes to
AUDIT_KEY_FALLBACKS (or SECRET_KEY_FALLBACKS). One that leaked has to go from there too.
"""

import hashlib
import hmac
import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

SALT, PURPOSE = "apps.events.audit.chain", "events"


def sign(content: Any) -> str:
    return _signature(_secrets()[0], content)


def fits(content: Any, signature: str) -> bool:
    """Whether one of our keys made the signature of exactly this."""
    return any(
        hmac.compare_digest(_signature(secret, content).encode(), signature.encode())
        for secret in _secrets()
    )


def _secrets() -> list[str]:
    if audit_key := getattr(settings, "AUDIT_KEY", ""):
        return [audit_key, *getattr(settings, "AUDIT_KEY_FALLBACKS", [])]
    of_django = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [*of_django, *getattr(settings, "AUDIT_KEY_FALLBACKS", [])]


def _signature(secret: str, content: Any) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(_key(secret), text.encode(), hashlib.sha256).hexdigest()


@lru_cache(16)
def _key(secret: str) -> bytes:
    return salted_hmac(SALT, PURPOSE, secret=secret, algorithm="sha256").digest()
