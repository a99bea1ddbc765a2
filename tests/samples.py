"""Reads metrics as Prometheus does: from the page, by name and labels."""

from prometheus_client.parser import text_string_to_metric_families

from apps.core.prometheus.endpoint import render


def value(name: str, **labels: str) -> float | None:
    """The sample's value on this process's metrics page, None where there is none."""
    return samples().get((name, frozenset(labels.items())))


def samples() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    body, _ = render("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }
