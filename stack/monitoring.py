"""prometheus/prometheus.yml as it is, but for the addresses and how often it looks."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent.parent / "prometheus"
RULES = FOLDER / "rules"
CREDENTIALS = "/run/secrets/metrics_token"  # compose's
NO_CREDENTIALS = str(FOLDER / "secrets/example/metrics_token")
DISCOVERIES = ("dns_sd_configs", "file_sd_configs")
OWN_PACE = ("scrape_interval", "scrape_timeout")
Json = dict[str, Any]


def prometheus_config(
    folder: Path,
    *,
    addresses: Mapping[str, str],
    targets: Mapping[str, list[str]],
    jobs: Collection[str],
    interval: str,
    rules: Path = RULES,
) -> Path:
    """Writes a copy into the folder that has these jobs only.

    `addresses` replaces docker compose's, `targets` says what a job finds by discovery. The rules
    are the committed files themselves, or those of a folder that `changed_rules` made.
    """
    config: Json = yaml.safe_load(_readdressed(addresses))
    config["global"] |= {"scrape_interval": interval, "evaluation_interval": interval}
    config["rule_files"] = [str(rules / "*.yml")]
    kept = [job for job in config["scrape_configs"] if job["job_name"] in jobs]
    config["scrape_configs"] = [_found(job, targets) for job in kept]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def changed_rules(folder: Path, change: Callable[[str], str]) -> Path:
    """A copy of the rules, for who cannot wait as long as they do."""
    rules = folder / "rules"
    rules.mkdir()
    for path in RULES.glob("*.yml"):
        (rules / path.name).write_text(change(path.read_text()))
    return rules


def _readdressed(addresses: Mapping[str, str]) -> str:
    text = (FOLDER / "prometheus.yml").read_text()
    for theirs, ours in {CREDENTIALS: NO_CREDENTIALS, **addresses}.items():
        text = text.replace(theirs, ours)
    return text


def _found(job: Json, targets: Mapping[str, list[str]]) -> Json:
    """With targets by address in place of discovery, looked at as often as all."""
    kept = {name: value for name, value in job.items() if name not in OWN_PACE}
    found = targets.get(job["job_name"])
    if found is None:
        return kept
    kept = {name: value for name, value in kept.items() if name not in DISCOVERIES}
    return kept | {"static_configs": [{"targets": found}]}
