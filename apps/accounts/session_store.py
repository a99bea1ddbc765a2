"""Django's cached_db sessions. Rejects malformed session keys from cookies: a NUL would be an error
in Postgres."""

from django.contrib.sessions.backends import cached_db


class SessionStore(cached_db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and len(key) >= 8 and key.isascii() and key.isalnum()
