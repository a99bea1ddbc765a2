"""A copy of prometheus/prometheus.yml with other addresses and intervals."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent.parent / "prometheus"
RULES = FOLDER / "rules"
CREDENTIALS = "/run/secrets/metrics_token"  # as docker compose mounts it
NO_CREDENTIALS = str(FOLDER / "secrets/example/metrics_token")
DISCOVERIES = ("dns_sd_configs", "file_sd_configs")
JOB_INTERVALS = ("scrape_interval", "scrape_timeout")
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
    """Writes the copy, with these jobs only, into the folder.

    `addresses` maps the addresses of docker compose to local ones. `targets` replaces the service
    discovery of a job. `rules` is the folder of the rule files.
    """
    text = (FOLDER / "prometheus.yml").read_text()
    for committed, local in {CREDENTIALS: NO_CREDENTIALS, **addresses}.items():
        text = text.replace(committed, local)
    config: Json = yaml.safe_load(text)
    config["global"] |= {"scrape_interval": interval, "evaluation_interval": interval}
    config["rule_files"] = [str(rules / "*.yml")]
    config["scrape_configs"] = [
        _local_job(job, targets) for job in config["scrape_configs"] if job["job_name"] in jobs
    ]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def changed_rules(folder: Path, change: Callable[[str], str]) -> Path:
    """A folder with a changed copy of the rules, for example with shorter waits."""
    rules = folder / "rules"
    rules.mkdir()
    for path in RULES.glob("*.yml"):
        (rules / path.name).write_text(change(path.read_text()))
    return rules


def _local_job(job: Json, targets: Mapping[str, list[str]]) -> Json:
    """Without intervals of its own, and with static targets in place of service discovery."""
    addresses = targets.get(job["job_name"])
    removed = JOB_INTERVALS if addresses is None else JOB_INTERVALS + DISCOVERIES
    changed = {name: value for name, value in job.items() if name not in removed}
    return changed if addresses is None else changed | {"static_configs": [{"targets": addresses}]}
