"""Speaks to PayPal: signs in, asks, and says what went wrong. There is no SDK for webhooks and
Orders v2 that would be worth its weight."""

import time
from collections.abc import Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlencode

import certifi
import urllib3

from apps.payments.gateways import parsing
from apps.payments.gateways.base import Unavailable

CONNECT_SECONDS = 3
EARLY_SECONDS = 60  # a token is renewed before it ends
UNAUTHORIZED = 401
Body = Mapping[str, Any]


class Refused(Exception):
    """PayPal understood and will not: its HTTP status, and its word for why."""

    def __init__(self, status: int, issue: str) -> None:
        super().__init__(f"PayPal refused: {status} {issue}")
        self.status, self.issue = status, issue


class Client:
    def __init__(self, client_id: str, secret: str, base: str, seconds: int) -> None:
        self._basic = urllib3.make_headers(basic_auth=f"{client_id}:{secret}")
        self._base = base.rstrip("/")
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds),
            retries=False,
            ca_certs=certifi.where(),
        )
        self._lock = Lock()
        self._token, self._good_until = "", 0.0

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Raises Refused, Unavailable."""
        return self._ask("GET", f"{path}?{urlencode(query)}" if query else path, None, {})

    def post(self, path: str, body: Body, request_id: str) -> dict[str, Any]:
        """Asked again under the same id, PayPal answers as it did. Raises Refused, Unavailable."""
        headers = {"PayPal-Request-Id": request_id, "Prefer": "return=representation"}
        return self._ask("POST", path, body, headers)

    def _ask(
        self, method: str, path: str, body: Body | None, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        status, answer = self._signed_in(method, path, body, headers)
        if status == UNAUTHORIZED:  # the token was revoked before its time
            self._good_until = 0.0
            status, answer = self._signed_in(method, path, body, headers)
        return _checked(status, answer)

    def _signed_in(
        self, method: str, path: str, body: Body | None, headers: Mapping[str, str]
    ) -> tuple[int, Any]:
        bearer = {"Authorization": f"Bearer {self._access_token()}"}
        return self._send(method, path, {**headers, **bearer}, json=body)

    def _access_token(self) -> str:
        with self._lock:
            if time.monotonic() >= self._good_until:
                form = {"grant_type": "client_credentials"}
                status, answer = self._send(
                    "POST", "/v1/oauth2/token", self._basic, fields=form, encode_multipart=False
                )
                self._keep_token(_checked(status, answer, signing_in=True))
            return self._token

    def _keep_token(self, answer: Mapping[str, Any]) -> None:
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int):
            raise Unavailable("malformed_answer")
        self._token, self._good_until = token, time.monotonic() + seconds - EARLY_SECONDS

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], **content: Any
    ) -> tuple[int, Any]:
        try:
            answer = self._http.request(
                method, self._base + path, headers=headers, redirect=False, **content
            )
        except urllib3.exceptions.HTTPError as fault:
            raise Unavailable(type(fault).__name__) from fault
        try:
            return answer.status, answer.json()
        except (ValueError, RecursionError):
            return answer.status, None


def _checked(status: int, answer: Any, *, signing_in: bool = False) -> dict[str, Any]:
    if status in (200, 201) and isinstance(answer, dict):
        return answer
    issue = parsing.word(answer, "details", 0, "issue") or parsing.word(answer, "name")
    if status in (404, 422) and not signing_in:
        raise Refused(status, issue)
    raise Unavailable(issue or f"http_{status}")
