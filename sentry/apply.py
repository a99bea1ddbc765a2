"""Puts the alerts and saved queries of this folder into a Sentry project, as often as one likes:

    SENTRY_TOKEN=... SENTRY_ORG=... SENTRY_PROJECT=... python sentry/apply.py

What has the same name already is replaced. README.md lists the variables.
"""

import json
import os
import sys
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

Body = dict[str, Any]


class Sentry:
    """Sentry's REST API, as one organisation's."""

    def __init__(self, variables: dict[str, str]) -> None:
        url = variables.get("SENTRY_URL") or "https://sentry.io"
        self._base = f"{url.rstrip('/')}/api/0"
        self._organization = variables["SENTRY_ORG"]
        self._headers = {
            "Authorization": f"Bearer {variables['SENTRY_TOKEN']}",
            "Content-Type": "application/json",
        }

    def project_id(self, slug: str) -> int:
        return int(self._ask("GET", f"/projects/{self._organization}/{slug}/")["id"])

    def put(self, collection: str, body: Body) -> str:
        """Replaces what has the body's name, or makes it. Says which it was."""
        path = f"/organizations/{self._organization}/{collection}/"
        known = {one["name"]: one["id"] for one in self._ask("GET", f"{path}?per_page=100")}
        if body["name"] in known:
            self._ask("PUT", f"{path}{known[body['name']]}/", body)
            return "replaced"
        self._ask("POST", path, body)
        return "made"

    def _ask(self, method: str, path: str, body: Body | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._base + path, data, self._headers, method=method)  # noqa: S310
        try:
            with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 the operator's own URL
                return json.load(answer)
        except HTTPError as refused:
            sys.exit(f"{method} {path}: {refused.code} {refused.read(500).decode()}")


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
    sentry = Sentry(variables)
    for rule in alerts(variables):
        print("alert", rule["name"], sentry.put("alert-rules", rule))
    for query in queries(sentry.project_id(variables["SENTRY_PROJECT"])):
        print("query", query["name"], sentry.put("discover/saved", query))


if __name__ == "__main__":
    main(dict(os.environ))
