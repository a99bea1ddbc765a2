"""Signatures of the audit trail.

The key derives from AUDIT_KEY, or from SECRET_KEY if that is not set. To change a key, move the old
one to AUDIT_KEY_FALLBACKS (or SECRET_KEY_FALLBACKS): the first key signs, every key verifies. A
leaked key must not stay in the fallbacks.
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


def verify(content: Any, signature: str) -> bool:
    return any(
        hmac.compare_digest(_signature(secret, content).encode(), signature.encode())
        for secret in _secrets()
    )


def _secrets() -> list[str]:
    fallbacks = getattr(settings, "AUDIT_KEY_FALLBACKS", [])
    if audit_key := getattr(settings, "AUDIT_KEY", ""):
        return [audit_key, *fallbacks]
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS, *fallbacks]


def _signature(secret: str, content: Any) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hmac.new(_key(secret), text.encode(), hashlib.sha256).hexdigest()


@lru_cache(16)
def _key(secret: str) -> bytes:
    return salted_hmac(SALT, PURPOSE, secret=secret, algorithm="sha256").digest()
