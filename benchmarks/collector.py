"""The garbage collector's share of a request's tail."""

import asyncio
from statistics import median, quantiles

from benchmarks.request import load
from benchmarks.servers import DAPHNE, all_of

REQUESTS = 240
ROUNDS = 5
PYTHONS_OWN = "Python's own thresholds"
VARIANTS = {
    PYTHONS_OWN: {"THRESHOLDS": "700,10,10", "FREEZE": "0"},
    "frozen at start, 50,000 (apps.core.http.lifespan)": {},
    "no collection at all": {"THRESHOLDS": "0"},
}


def run(variables: dict[str, str]) -> None:
    bare = variables | {"REDIS_URL": ""}
    command = [*DAPHNE, "-p", "PORT", "benchmarks.variants.collector:application"]
    cpu: dict[str, list[float]] = {name: [] for name in VARIANTS}
    waits: dict[str, list[float]] = {name: [] for name in VARIANTS}
    with all_of((name, command, bare | extra) for name, extra in VARIANTS.items()) as servers:
        for server in servers:
            asyncio.run(load(server.port, REQUESTS))
        for _ in range(ROUNDS):
            for server in servers:
                before = server.cpu_seconds()
                waits[server.name] += asyncio.run(load(server.port, REQUESTS))
                cpu[server.name].append(server.cpu_seconds() - before)
    show(cpu, waits)


def show(cpu: dict[str, list[float]], waits: dict[str, list[float]]) -> None:
    base = waits[PYTHONS_OWN]
    print("\nGET /api/tournaments/, by settings of the garbage collector")
    print(f"{'':54} {'CPU':>6} {'p50':>6} {'p99':>6}   x Python's own")
    for name, seconds in waits.items():
        work = median(cpu[name]) / median(cpu[PYTHONS_OWN])
        middle = median(seconds) / median(base)
        tail = quantiles(seconds, n=100)[-1] / quantiles(base, n=100)[-1]
        print(f"{name:54} {work:6.2f} {middle:6.2f} {tail:6.2f}")
