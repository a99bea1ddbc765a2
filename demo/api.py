"""A client of DeltaCrown's public HTTP API."""

import os
from typing import Any
from urllib.parse import urlsplit

import httpx

Json = dict[str, Any]


class Problem(Exception):
    """Something is not as it should be; the text is for the person at the terminal."""


def server_address() -> str:
    """Raises Problem where what is set is none."""
    address = os.environ.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable:
        raise Problem(f"BASE_URL={address} is no address: look at PORT and BASE_URL.")
    return address


class Api:
    """Calls as one person, or as nobody before `sign_up`."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self.token = ""
        self.person: Json = {}

    def sign_up(self, username: str, password: str) -> None:
        account = {"username": username, "password": password}
        self.person = self.post("/api/accounts/", account, expect=201)
        self.token = self.post("/api/accounts/token", account, expect=201)["token"]

    def get(self, path: str, **query: Any) -> Json:
        return self._call("GET", path, params=query, expect=200)

    def post(
        self, path: str, body: Json | None = None, *, expect: int = 200, key: str = ""
    ) -> Json:
        headers = {"Idempotency-Key": key} if key else {}
        return self._call("POST", path, json=body, headers=headers, expect=expect)

    def _call(
        self, method: str, path: str, *, expect: int, headers: Json | None = None, **request: Any
    ) -> Json:
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            response = self._http.request(method, path, headers=headers, **request)
        except httpx.ConnectError:
            raise Problem(
                f"No DeltaCrown at {self._http.base_url}. Start one with `make run`, or say"
                " where it is: BASE_URL=http://127.0.0.1:8000"
            ) from None
        except httpx.HTTPError as fault:
            raise Problem(f"{method} {path}: {type(fault).__name__}: {fault}") from None
        if response.status_code != expect:
            raise Problem(
                f"{method} {path}: {response.status_code} instead of {expect}:"
                f" {response.text[:300]}"
                f" (request {response.headers.get('x-request-id')})"
            )
        try:
            content: Json = response.json()
        except ValueError:
            raise Problem(f"{method} {path}: {expect}, but no JSON: {response.text[:80]}") from None
        return content
