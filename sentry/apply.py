"""Puts the alerts and saved queries of this folder into a Sentry project, as often as one likes:

    SENTRY_TOKEN=... SENTRY_ORG=... SENTRY_PROJECT=... python sentry/apply.py

What has the same name already is replaced. README.md lists the variables.
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
SECONDS = 20
NEEDED = (
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
    404: "Is SENTRY_ORG or SENTRY_PROJECT misspelt?",
}
NEXT_PAGE = re.compile(r'rel="next"; results="true"; cursor="([^"]+)"')

Body = dict[str, Any]


class Sentry:
    """Sentry's REST API, as one organisation's. What it refuses ends the program, with why."""

    def __init__(self, variables: dict[str, str]) -> None:
        url = variables.get("SENTRY_URL") or "https://sentry.io"
        if not url.startswith(("https://", "http://")):
            sys.exit(f"SENTRY_URL is no URL: {url}")
        self._base = f"{url.rstrip('/')}/api/0"
        self._organization = variables["SENTRY_ORG"]
        self._headers = {
            "Authorization": f"Bearer {variables['SENTRY_TOKEN']}",
            "Content-Type": "application/json",
        }

    def project_id(self, slug: str) -> int:
        project, _ = self._ask("GET", f"/projects/{self._organization}/{slug}/")
        return int(project["id"])

    def put(self, collection: str, body: Body) -> str:
        """Replaces what has the body's name, or makes it. Says which it was."""
        path = f"/organizations/{self._organization}/{collection}/"
        known = {one["name"]: one["id"] for one in self._all(path)}
        if body["name"] in known:
            self._ask("PUT", f"{path}{known[body['name']]}/", body)
            return "replaced"
        self._ask("POST", path, body)
        return "made"

    def _all(self, path: str) -> Iterator[Body]:
        page: str | None = f"{path}?per_page=100"
        while page:
            found, cursor = self._ask("GET", page)
            yield from found
            page = cursor and f"{path}?per_page=100&cursor={cursor}"

    def _ask(self, method: str, path: str, body: Body | None = None) -> tuple[Any, str | None]:
        """The answer, and the cursor of the page after it."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._base + path, data, self._headers, method=method)  # noqa: S310
        try:
            with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 the operator's own URL
                further = NEXT_PAGE.search(answer.headers.get("Link") or "")
                return json.load(answer), further and further[1]
        except HTTPError as refused:
            said = refused.read(500).decode(errors="replace")
            sys.exit(
                f"{method} {path}: {refused.code} {said}\n{HINTS.get(refused.code, '')}".strip()
            )
        except (OSError, HTTPException, ValueError) as fault:
            sys.exit(f"{method} {self._base}{path}: no answer of Sentry's: {fault}")


def alerts(variables: dict[str, str]) -> list[Body]:
    text = (FOLDER / "alerts.json").read_text()
    quoted = {name: json.dumps(value)[1:-1] for name, value in variables.items()}
    found: list[Body] = json.loads(Template(text).substitute(quoted))
    for trigger in (trigger for rule in found for trigger in rule["triggers"]):
        for action in trigger["actions"]:
            if "integrationId" in action:
                action["integrationId"] = int(action["integrationId"])
    return found


def queries(project_id: int) -> list[Body]:
    found: list[Body] = json.loads((FOLDER / "queries.json").read_text())
    return [{**query, "projects": [project_id]} for query in found]


def main(variables: dict[str, str]) -> None:
    missing = [name for name in NEEDED if not variables.get(name)]
    if missing:
        sys.exit(f"Missing: {', '.join(missing)}. See sentry/README.md.")
    if wrong := [name for name in NUMBERS if not variables[name].isdecimal()]:
        sys.exit(f"Not a number: {', '.join(wrong)}. See sentry/README.md.")
    sentry = Sentry(variables)
    for rule in alerts(variables):
        print("alert", rule["name"], sentry.put("alert-rules", rule))
    for query in queries(sentry.project_id(variables["SENTRY_PROJECT"])):
        print("query", query["name"], sentry.put("discover/saved", query))


if __name__ == "__main__":
    main(dict(os.environ))
