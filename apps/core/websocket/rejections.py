"""Why a handshake is refused. The client sees 403 for each: daphne knows no other answer."""

from enum import StrEnum

from apps.core.metrics import ws_connection_failures
from apps.core.types import Send


class RejectReason(StrEnum):
    ORIGIN = "origin"  # comes from another site's page
    UNAUTHENTICATED = "unauthenticated"  # neither an Origin nor a valid token
    NOT_FOUND = "not_found"  # no such path, or nothing there to listen to
    OVERLOADED = "overloaded"  # a bound of this process is reached
    TIMEOUT = "timeout"  # whether to accept was not decided in time
    ERROR = "error"  # our fault


for _reason in RejectReason:
    ws_connection_failures.labels(_reason.value)


async def reject(send: Send, reason: RejectReason) -> None:
    """Before the handshake is accepted only."""
    ws_connection_failures.labels(reason.value).inc()
    await send({"type": "websocket.close", "code": 4403, "reason": reason.value})
