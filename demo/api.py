"""A client of DeltaCrown's public HTTP API."""

import os
from typing import Any
from urllib.parse import urlsplit

import httpx

Json = dict[str, Any]


class DemoError(Exception):
    """The demo cannot continue. The message is shown to the user."""


def base_url_from_environment() -> str:
    """Raises DemoError if BASE_URL is not an HTTP URL."""
    url = os.environ.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = None
    if not valid:
        raise DemoError(f"BASE_URL={url} is not an HTTP URL. Check PORT and BASE_URL.")
    return url


class Api:
    """Calls the API as one user, or anonymously before `sign_up`.

    Raises DemoError for an unexpected response or no response.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self.token = ""
        self.user: Json = {}

    def sign_up(self, username: str, password: str) -> None:
        account = {"username": username, "password": password}
        self.user = self.post("/api/accounts/", account, expect=201)
        self.token = self.post("/api/accounts/token", account, expect=201)["token"]

    def get(self, path: str, **query: Any) -> Json:
        return self._call("GET", path, params=query, expect=200)

    def post(
        self, path: str, body: Json | None = None, *, expect: int = 200, key: str = ""
    ) -> Json:
        headers = {"Idempotency-Key": key} if key else {}
        return self._call("POST", path, json=body, headers=headers, expect=expect)

    def _call(
        self, method: str, path: str, *, expect: int, headers: Json | None = None, **options: Any
    ) -> Json:
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            response = self._http.request(method, path, headers=headers, **options)
        except httpx.ConnectError:
            raise DemoError(not_running(str(self._http.base_url))) from None
        except httpx.HTTPError as error:
            raise DemoError(f"{method} {path}: {type(error).__name__}: {error}") from None
        if response.status_code != expect:
            raise DemoError(
                f"{method} {path}: status {response.status_code}, expected {expect}:"
                f" {response.text[:300]}"
                f" (request {response.headers.get('x-request-id')})"
            )
        try:
            content: Json = response.json()
        except ValueError:
            raise DemoError(f"{method} {path}: not JSON: {response.text[:80]}") from None
        return content


def not_running(base_url: str) -> str:
    return (
        f"DeltaCrown is not running at {base_url}."
        " Start it with `make run`, or set PORT or BASE_URL."
    )
