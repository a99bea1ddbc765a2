"""The garbage collector's share of a request's tail."""

import asyncio
from statistics import median, quantiles

from benchmarks.request import load
from benchmarks.servers import DAPHNE, Server

REQUESTS = 240
ROUNDS = 5
PYTHONS_OWN = "Python's own thresholds"
VARIANTS = {
    PYTHONS_OWN: {"THRESHOLDS": "700,10,10", "FREEZE": "0"},
    "frozen at start, 50,000 (apps.core.background)": {},
    "no collection at all": {"THRESHOLDS": "0"},
}


def run(variables: dict[str, str]) -> None:
    bare = variables | {"REDIS_URL": ""}
    command = [*DAPHNE, "-p", "PORT", "benchmarks.variants.collector:application"]
    servers = [Server(name, command, bare | extra) for name, extra in VARIANTS.items()]
    waits: dict[str, list[float]] = {server.name: [] for server in servers}
    try:
        for server in servers:
            asyncio.run(load(server.port, REQUESTS))
        for _ in range(ROUNDS):
            for server in servers:
                waits[server.name] += asyncio.run(load(server.port, REQUESTS))
    finally:
        for server in servers:
            server.stop()
    show(waits)


def show(waits: dict[str, list[float]]) -> None:
    base = waits[PYTHONS_OWN]
    print("\nGET /api/tournaments/, by settings of the garbage collector")
    print(f"{'':54} {'p50':>6} {'p99':>6}   x Python's own")
    for name, seconds in waits.items():
        middle = median(seconds) / median(base)
        tail = quantiles(seconds, n=100)[-1] / quantiles(base, n=100)[-1]
        print(f"{name:54} {middle:6.2f} {tail:6.2f}")
