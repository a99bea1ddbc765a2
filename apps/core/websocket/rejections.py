"""Why a handshake is rejected. The client gets a 403 for each: daphne sends no other status."""

from enum import StrEnum

from apps.core.metrics import ws_connection_failures
from apps.core.types import Receive, Scope, Send


class RejectReason(StrEnum):
    ORIGIN = "origin"  # a page of another site
    UNAUTHENTICATED = "unauthenticated"  # neither an Origin nor a valid token
    NOT_FOUND = "not_found"  # no such path or object
    OVERLOADED = "overloaded"  # a limit of this process is reached
    TIMEOUT = "timeout"  # the application did not decide in time
    ERROR = "error"  # an exception


for _reason in RejectReason:
    ws_connection_failures.labels(_reason.value)


async def reject(send: Send, reason: RejectReason) -> None:
    """Only before the handshake is accepted."""
    ws_connection_failures.labels(reason.value).inc()
    await send({"type": "websocket.close", "code": 4403, "reason": reason.value})


async def reject_unknown_path(scope: Scope, receive: Receive, send: Send) -> None:
    """The last route of a URLRouter: without it, Channels raises for every unknown path."""
    await reject(send, RejectReason.NOT_FOUND)
