"""Lost log lines are counted: nothing else shows them."""

from prometheus_client import Counter

log_lines_lost = Counter(
    "log_lines_lost_total", "Total number of log lines that could not be written.", ["handler"]
)
for _handler in ("console", "file"):
    log_lines_lost.labels(_handler)
