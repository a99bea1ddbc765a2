"""ASGI responses that are sent before a request reaches Django."""

import json
from typing import Any

from apps.core.types import Send

Headers = tuple[tuple[bytes, bytes], ...]


async def send_body(
    send: Send, status: int, body: bytes, content_type: str, extra: Headers = ()
) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *extra,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_json(send: Send, status: int, content: dict[str, Any], extra: Headers = ()) -> None:
    await send_body(send, status, json.dumps(content).encode(), "application/json", extra)


async def send_error(send: Send, status: int, code: str, message: str, extra: Headers = ()) -> None:
    await send_json(send, status, {"error": {"code": code, "message": message}}, extra)


async def method_not_allowed(send: Send) -> None:
    await send_error(send, 405, "method_not_allowed", "Use GET.", ((b"allow", b"GET, HEAD"),))


async def unauthorized(send: Send) -> None:
    challenge = ((b"www-authenticate", b"Bearer"),)
    await send_error(send, 401, "unauthenticated", "A Bearer token is required.", challenge)


async def overloaded(send: Send, message: str) -> None:
    await send_error(send, 503, "overloaded", message, ((b"retry-after", b"1"),))
