"""A copy of prometheus/alertmanager.yml that sends to the receiver, optionally with short waits."""

from pathlib import Path
from typing import Any

import yaml

from drills.receiver import Receiver

COMMITTED = Path(__file__).parent.parent / "prometheus" / "alertmanager.yml"
WAITS = ("group_wait", "group_interval", "repeat_interval")
MILLISECONDS = {"s": 1_000, "m": 60_000, "h": 3_600_000}
SPEEDUP = 30
ROUTING_KEY = "0123456789abcdef0123456789abcdef"


def alertmanager_config(
    receiver: Receiver, folder: Path, *, mounted_at: str = "", quick: bool = True
) -> Path:
    """Writes the configuration and its secret files into the folder.

    `mounted_at` is the folder's path in Alertmanager's container. `quick` divides each wait by 30,
    for tests. Routes, receivers and inhibition rules stay as committed.
    """

    def secret(name: str, content: str) -> str:
        (folder / name).write_text(content + "\n")
        return f"{mounted_at or folder}/{name}"

    config = yaml.safe_load(COMMITTED.read_text())
    config.setdefault("global", {})["pagerduty_url"] = receiver.channel_url("pagerduty")
    for channel in config["receivers"]:
        for pagerduty in channel.get("pagerduty_configs", []):
            pagerduty["routing_key_file"] = secret("pagerduty_key", ROUTING_KEY)
        for slack in channel.get("slack_configs", []):
            slack["api_url_file"] = secret("slack_url", receiver.channel_url("slack"))
        for webhook in channel.get("webhook_configs", []):
            webhook["url"] = receiver.channel_url("watchdog")
            webhook["http_config"]["authorization"]["credentials_file"] = secret(
                "watchdog_token", "a-token"
            )
    if quick:
        _shorten_waits(config["route"])
    path = folder / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def _shorten_waits(route: dict[str, Any]) -> None:
    route |= {name: _shortened(route[name]) for name in WAITS if name in route}
    for child in route.get("routes", []):
        _shorten_waits(child)


def _shortened(duration: str) -> str:
    return f"{int(duration[:-1]) * MILLISECONDS[duration[-1]] // SPEEDUP}ms"
