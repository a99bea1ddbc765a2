"""The metrics and labels that a PromQL expression reads."""

import pytest

from grafana.promql import metrics, selectors


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("up", {"up"}),
        ("sum by (job) (rate(a_total[5m]))", {"a_total"}),
        ("sum(rate(a_total[5m])) by (le)", {"a_total"}),
        ("sum without (job) (a) / on (job) group_left (release) b", {"a", "b"}),
        ("a offset 5m > bool 3 unless b or vector(1)", {"a", "b"}),
        ("histogram_quantile(0.95, sum by (le) (rate(a_bucket[5m])))", {"a_bucket"}),
        ('label_replace(a, "to", "$1", "from", "(.*)")', {"a"}),
    ],
)
def test_functions_and_labels_are_not_metrics(expression: str, names: set[str]) -> None:
    assert metrics(expression) == names


def test_a_selector_has_the_labels_that_it_matches() -> None:
    [selector] = selectors('sum by (job) (a_total{status=~"5..",method!="GET"})')
    assert tuple(selector) == ("a_total", {"status", "method"})
