"""An HTTP client for PayPal's REST API, with its access token."""

import json
from collections.abc import Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlencode

import urllib3

from apps.payments.gateways import parsing
from apps.payments.gateways.base import ProviderError
from apps.payments.gateways.http import http_client

UNAUTHORIZED = 401
REJECTED = (400, 404, 422)
Headers = Mapping[str, str]


class RequestRejected(ProviderError):
    """PayPal rejected the request. `code` is PayPal's name for the issue."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status


class Client:
    """Both methods raise ProviderError, and RequestRejected where only another request can help."""

    def __init__(self, client_id: str, secret: str, base: str, seconds: int) -> None:
        self._basic = urllib3.make_headers(basic_auth=f"{client_id}:{secret}")
        self._basic["Content-Type"] = "application/x-www-form-urlencoded"
        self._seconds = seconds
        self._base = base.rstrip("/")
        self._http = http_client(seconds)
        self._lock = Lock()
        self._token = ""

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self._request("GET", f"{path}?{urlencode(query)}" if query else path, {})

    def post(
        self, path: str, body: Mapping[str, Any] | bytes, request_id: str = ""
    ) -> dict[str, Any]:
        """`request_id` is the idempotency key. Bytes are sent unchanged."""
        headers = {"Prefer": "return=representation", "Content-Type": "application/json"}
        if request_id:
            headers["PayPal-Request-Id"] = request_id
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._request("POST", path, headers, content)

    def _request(
        self, method: str, path: str, headers: Headers, body: bytes | None = None
    ) -> dict[str, Any]:
        for _ in range(2):
            bearer = {"Authorization": f"Bearer {self._access_token()}"}
            status, response = self._send(method, path, {**headers, **bearer}, body)
            if status != UNAUTHORIZED:
                break
            self._token = ""  # it has expired, or was revoked
        return _check(status, response)

    def _access_token(self) -> str:
        if not self._lock.acquire(timeout=self._seconds):
            raise ProviderError("access_token_timeout")
        try:
            token = self._token = self._token or self._sign_in()
            return token  # another thread may clear the attribute
        finally:
            self._lock.release()

    def _sign_in(self) -> str:
        form = b"grant_type=client_credentials"
        try:
            response = _check(*self._send("POST", "/v1/oauth2/token", self._basic, form))
        except RequestRejected as error:  # the sign-in, not the request that needs the token
            raise ProviderError(error.code) from error
        token = response.get("access_token")
        if not isinstance(token, str):
            raise ProviderError("malformed_response")
        return token

    def _send(
        self, method: str, path: str, headers: Headers, body: bytes | None
    ) -> tuple[int, Any]:
        """The HTTP status, and None if the response is not JSON."""
        url = self._base + path
        try:
            response = self._http.request(method, url, headers=headers, body=body, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise ProviderError(type(error).__name__) from error
        try:
            return response.status, response.json()
        except (ValueError, RecursionError):
            return response.status, None


def _check(status: int, response: Any) -> dict[str, Any]:
    if status in (200, 201) and isinstance(response, dict):
        return response
    issue = parsing.text(response, "details", 0, "issue") or parsing.text(response, "name")
    code = issue or f"http_{status}"
    raise RequestRejected(status, code) if status in REJECTED else ProviderError(code)
