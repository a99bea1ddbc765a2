"""Creates the alerts and saved queries of this folder in a Sentry project.

    SENTRY_TOKEN=... SENTRY_ORG=... SENTRY_PROJECT=... python sentry/apply.py

Replaces those with the same name, so that it can run repeatedly. README.md lists the variables.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from string import Template
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

FOLDER = Path(__file__).parent
TIMEOUT = 20  # seconds
REQUIRED = (
    "SENTRY_TOKEN",
    "SENTRY_ORG",
    "SENTRY_PROJECT",
    "SENTRY_TEAM_ID",
    "SENTRY_SLACK_CHANNEL",
    "SENTRY_SLACK_INTEGRATION_ID",
)
NUMBERS = ("SENTRY_TEAM_ID", "SENTRY_SLACK_INTEGRATION_ID")
HINTS = {
    401: "SENTRY_TOKEN is not valid.",
    403: "SENTRY_TOKEN needs the scopes alerts:write, org:read, org:write and project:read.",
    404: "Is SENTRY_ORG or SENTRY_PROJECT misspelled?",
}
NEXT_PAGE = re.compile(r'rel="next"; results="true"; cursor="([^"]+)"')

Body = dict[str, Any]


class Sentry:
    """The REST API of Sentry for one organization. Exits with a message on any error."""

    def __init__(self, variables: dict[str, str]) -> None:
        url = variables.get("SENTRY_URL") or "https://sentry.io"
        if not url.startswith(("https://", "http://")):
            sys.exit(f"SENTRY_URL is not a URL: {url}")
        self._base = f"{url.rstrip('/')}/api/0"
        self._organization = variables["SENTRY_ORG"]
        self._headers = {
            "Authorization": f"Bearer {variables['SENTRY_TOKEN']}",
            "Content-Type": "application/json",
        }

    def project_id(self, slug: str) -> int:
        project, _ = self._request("GET", f"/projects/{self._organization}/{slug}/")
        return int(project["id"])

    def put(self, collection: str, body: Body) -> str:
        """Replaces the object with the name in `body`, or creates it. Returns which."""
        path = f"/organizations/{self._organization}/{collection}/"
        ids = {existing["name"]: existing["id"] for existing in self._all(path)}
        if body["name"] in ids:
            self._request("PUT", f"{path}{ids[body['name']]}/", body)
            return "replaced"
        self._request("POST", path, body)
        return "created"

    def _all(self, path: str) -> Iterator[Body]:
        page: str | None = f"{path}?per_page=100"
        while page:
            objects, cursor = self._request("GET", page)
            yield from objects
            page = cursor and f"{path}?per_page=100&cursor={cursor}"

    def _request(self, method: str, path: str, body: Body | None = None) -> tuple[Any, str | None]:
        """Returns the response and the cursor of the next page."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._base + path, data, self._headers, method=method)  # noqa: S310
        try:
            with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310 set by the operator
                cursor = NEXT_PAGE.search(response.headers.get("Link") or "")
                return json.load(response), cursor and cursor[1]
        except HTTPError as error:
            message = error.read(500).decode(errors="replace")
            sys.exit(
                f"{method} {path}: {error.code} {message}\n{HINTS.get(error.code, '')}".strip()
            )
        except (OSError, HTTPException, ValueError) as error:
            sys.exit(f"{method} {self._base}{path}: invalid response: {error}")


def alerts(variables: dict[str, str]) -> list[Body]:
    text = (FOLDER / "alerts.json").read_text()
    quoted = {name: json.dumps(value)[1:-1] for name, value in variables.items()}
    rules: list[Body] = json.loads(Template(text).substitute(quoted))
    for trigger in (trigger for rule in rules for trigger in rule["triggers"]):
        for action in trigger["actions"]:
            if "integrationId" in action:
                action["integrationId"] = int(action["integrationId"])
    return rules


def queries(project_id: int) -> list[Body]:
    saved: list[Body] = json.loads((FOLDER / "queries.json").read_text())
    return [{**query, "projects": [project_id]} for query in saved]


def main(variables: dict[str, str]) -> None:
    missing = [name for name in REQUIRED if not variables.get(name)]
    if missing:
        sys.exit(f"Missing: {', '.join(missing)}. See sentry/README.md.")
    if invalid := [name for name in NUMBERS if not variables[name].isdecimal()]:
        sys.exit(f"Not a number: {', '.join(invalid)}. See sentry/README.md.")
    sentry = Sentry(variables)
    for rule in alerts(variables):
        print("alert", rule["name"], sentry.put("alert-rules", rule))
    for query in queries(sentry.project_id(variables["SENTRY_PROJECT"])):
        print("query", query["name"], sentry.put("discover/saved", query))


if __name__ == "__main__":
    main(dict(os.environ))
