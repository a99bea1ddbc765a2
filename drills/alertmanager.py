"""prometheus/alertmanager.yml as it is, but for where it sends and how long it waits."""

from pathlib import Path
from typing import Any

import yaml

from drills.receiver import Receiver

COMMITTED = Path(__file__).parent.parent / "prometheus" / "alertmanager.yml"
WAITS = ("group_wait", "group_interval", "repeat_interval")
MILLISECONDS = {"s": 1_000, "m": 60_000, "h": 3_600_000}
QUICKER = 30
ROUTING_KEY = "0123456789abcdef0123456789abcdef"


def alertmanager_config(
    receiver: Receiver, folder: Path, *, seen_as: str = "", quick: bool = True
) -> Path:
    """Writes the test copy and its secret files into the folder, which Alertmanager may see as
    another.

    `quick` makes each wait a thirtieth of what it is, for tests; routes, receivers and inhibition
    stay.
    """

    def secret(name: str, content: str) -> str:
        (folder / name).write_text(content + "\n")
        return f"{seen_as or folder}/{name}"

    config = yaml.safe_load(COMMITTED.read_text())
    config.setdefault("global", {})["pagerduty_url"] = receiver.pagerduty_url
    for one in config["receivers"]:
        for pagerduty in one.get("pagerduty_configs", []):
            pagerduty["routing_key_file"] = secret("pagerduty_key", ROUTING_KEY)
        for slack in one.get("slack_configs", []):
            slack["api_url_file"] = secret("slack_url", receiver.slack_url)
        for webhook in one.get("webhook_configs", []):
            webhook["url"] = receiver.watchdog_url
            webhook["http_config"]["authorization"]["credentials_file"] = secret(
                "watchdog_token", "a-token"
            )
    if quick:
        _hurry(config["route"])
    path = folder / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def _hurry(route: dict[str, Any]) -> None:
    route |= {name: _quicker(route[name]) for name in WAITS if name in route}
    for child in route.get("routes", []):
        _hurry(child)


def _quicker(duration: str) -> str:
    return f"{int(duration[:-1]) * MILLISECONDS[duration[-1]] // QUICKER}ms"
