"""A JsonConsumer with a Sentry transaction and a rate limit for each message."""

from contextlib import AbstractContextManager
from typing import Any

import sentry_sdk

from apps.core import context, rate_limits, sentry, thread_pool
from apps.core.websocket.consumer import JsonConsumer


class MonitoredConsumer(JsonConsumer):
    """RATE_LIMITS limits the message types that it names, per socket."""

    overload_errors = (thread_pool.Overloaded,)

    def bind(self, fields: dict[str, int]) -> None:
        super().bind(fields)
        sentry_sdk.set_tags({name: str(value) for name, value in fields.items()})
        self._rate_key = context.new_id()

    def is_allowed(self, message_type: str) -> bool:
        return rate_limits.try_acquire(message_type, self._rate_key)

    def handling(self, message_type: str) -> AbstractContextManager[Any]:
        return sentry.message(f"ws {message_type}")
