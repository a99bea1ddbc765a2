"""The effect of the garbage collector's settings on CPU time and latency."""

from statistics import median

from benchmarks.request import Variant, measure
from benchmarks.servers import DAPHNE
from stack.processes import Stack

COMMAND = [*DAPHNE, "-p", "PORT", "benchmarks.variants.collector:application"]
DEFAULTS = "Python's default thresholds"
VARIANTS: dict[str, Variant] = {
    DEFAULTS: (COMMAND, {"THRESHOLDS": "700,10,10", "FREEZE": "0"}),
    "frozen at start, 50,000 (apps.core.http.lifespan)": (COMMAND, {}),
    "no collection": (COMMAND, {"THRESHOLDS": "0"}),
}


def run(stack: Stack) -> None:
    measurements = measure(stack, VARIANTS)
    base = measurements[DEFAULTS]
    print("\nGET /api/tournaments/, by settings of the garbage collector")
    print(f"{'':54} {'CPU':>6} {'p50':>6} {'p99':>6}   x Python's defaults")
    for name, measurement in measurements.items():
        cpu = median(measurement.cpu) / median(base.cpu)
        p50 = median(measurement.latencies) / median(base.latencies)
        p99 = measurement.p99 / base.p99
        print(f"{name:54} {cpu:6.2f} {p50:6.2f} {p99:6.2f}")
