"""A server with the part of Sentry's REST API that `sentry/apply.py` uses."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

ORGANIZATION, PROJECT, TOKEN = "crown", "web", "sntrys_of-an-operator"
ALERTS = f"/api/0/organizations/{ORGANIZATION}/alert-rules/"
QUERIES = f"/api/0/organizations/{ORGANIZATION}/discover/saved/"
PAGE = 100

Rows = list[dict[str, Any]]


class SentryApi:
    """Stores alerts and queries as rows with an id. `error` is a status for every response."""

    def __init__(self, error: int | None = None) -> None:
        self.rows: dict[str, Rows] = {ALERTS: [], QUERIES: []}
        self.requests: list[tuple[str, str]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, body, link = api.respond(
                    self.command, self.path, self.headers.get("Authorization"), sent
                )
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                if link:
                    self.send_header("Link", link)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            do_POST = do_PUT = do_GET  # noqa: N815 names of http.server

            def log_message(self, *_: Any) -> None:
                pass

        self._error = error
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def respond(
        self, method: str, target: str, authorization: str | None, body: bytes
    ) -> tuple[int, Any, str]:
        """Status, body and Link header."""
        parts = urlsplit(target)
        self.requests.append((method, parts.path))
        if authorization != f"Bearer {TOKEN}":
            return 401, {"detail": "Invalid token"}, ""
        if self._error:
            return self._error, {"detail": "You do not have permission"}, ""
        if parts.path == f"/api/0/projects/{ORGANIZATION}/{PROJECT}/":
            return 200, {"id": "42", "slug": PROJECT}, ""
        if parts.path in self.rows and method == "GET":
            return self._page(parts.path, parse_qs(parts.query))
        if parts.path in self.rows and method == "POST":
            row = {**json.loads(body), "id": str(len(self.rows[parts.path]) + 1)}
            self.rows[parts.path].append(row)
            return 201, row, ""
        return self._replace(parts.path, json.loads(body or b"{}"))

    def _page(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any, str]:
        begin = int(query.get("cursor", ["0:0:0"])[0].split(":")[1])
        more = str(begin + PAGE < len(self.rows[path])).lower()
        link = (
            f'<{self.url}{path}>; rel="previous"; results="false"; cursor="0:0:1", '
            f'<{self.url}{path}>; rel="next"; results="{more}"; cursor="0:{begin + PAGE}:0"'
        )
        return 200, self.rows[path][begin : begin + PAGE], link

    def _replace(self, path: str, body: Any) -> tuple[int, Any, str]:
        for collection, rows in self.rows.items():
            for row in rows:
                if path == f"{collection}{row['id']}/":
                    identifier = row["id"]
                    row.clear()
                    row.update({**body, "id": identifier})
                    return 200, row, ""
        return 404, {"detail": "The requested resource does not exist"}, ""
