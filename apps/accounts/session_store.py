"""Sessions in the database and the cache, found by keys such as Django makes and by no other: a
cookie may hold anything, and Postgres refuses a NUL with an error."""

from django.contrib.sessions.backends import cached_db


class SessionStore(cached_db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and len(key) >= 8 and key.isascii() and key.isalnum()
