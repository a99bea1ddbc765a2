"""Reads metrics as Prometheus does: from the page, by name and labels."""

from collections.abc import Callable, Iterable

from prometheus_client.parser import text_string_to_metric_families

from apps.core.prometheus.endpoint import render

Key = tuple[str, frozenset[tuple[str, str]]]


def value(name: str, **labels: str) -> float | None:
    """The sample's value on this process's metrics page, None where there is none."""
    return parse(line for line in _lines() if line.startswith(name)).get(_key(name, labels))


def increase(name: str, **labels: str) -> Callable[[], float]:
    """A function that returns by how much the sample has increased since this call."""
    before = value(name, **labels) or 0
    return lambda: (value(name, **labels) or 0) - before


def samples() -> dict[Key, float]:
    return parse(_lines())


def _lines() -> list[str]:
    body, _ = render("text/plain")
    return body.decode().splitlines()


def parse(lines: Iterable[str]) -> dict[Key, float]:
    return {
        _key(sample.name, sample.labels): sample.value
        for family in text_string_to_metric_families("\n".join(lines))
        for sample in family.samples
    }


def _key(name: str, labels: dict[str, str]) -> Key:
    return name, frozenset(labels.items())
