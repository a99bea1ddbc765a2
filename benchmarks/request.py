"""`GET /api/tournaments/` with metrics, through different servers and handlers."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks.servers import BIN, DAPHNE, cpu_seconds, start
from stack.processes import Stack

CLIENTS = 8
REQUESTS = 240
ROUNDS = 5
TARGET = 1.2
RESPONSE_TIMEOUT = 30
DELTACROWN = "daphne, one hop (deltacrown.asgi)"
GUNICORN = "gunicorn, 8 threads"
GUIDE = {"DJANGO_SETTINGS_MODULE": "benchmarks.variants.guide_settings"}
Variant = tuple[list[str], dict[str, str]]  # command, environment

VARIANTS: dict[str, Variant] = {
    DELTACROWN: ([*DAPHNE, "-p", "PORT", "deltacrown.asgi:application"], {}),
    GUNICORN: (
        [
            str(BIN / "gunicorn"),
            *["-b", "127.0.0.1:PORT", "--no-control-socket", "--keep-alive", "30"],
            *["--log-level", "warning"],
            *["-k", "gthread", "-w", "1", "--threads", "8", "benchmarks.variants.wsgi:application"],
        ],
        {},
    ),
    "daphne, a2wsgi": ([*DAPHNE, "-p", "PORT", "benchmarks.variants.through_a2wsgi:app"], {}),
    "daphne, get_asgi_application(), last middleware sync": (
        [*DAPHNE, "-p", "PORT", "benchmarks.variants.plain_asgi:application"],
        GUIDE | {"LAST_IS_SYNC": "1"},
    ),
    "daphne, get_asgi_application(), as in the guide": (
        [*DAPHNE, "-p", "PORT", "benchmarks.variants.plain_asgi:application"],
        GUIDE,
    ),
}
REQUEST = b"GET /api/tournaments/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@dataclass
class Measurement:
    """CPU seconds of each round, and seconds of each request."""

    cpu: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    @property
    def p99(self) -> float:
        return quantiles(self.latencies, n=100)[-1]


def run(stack: Stack) -> bool:
    """Prints the table. Returns whether the target is met."""
    measurements = measure(stack, VARIANTS)
    gunicorn = measurements[GUNICORN]
    base = median(gunicorn.cpu)
    print(f"\nGET /api/tournaments/, {CLIENTS} clients, {ROUNDS} rounds of {REQUESTS}")
    print(f"{'':54} CPU/request   x gunicorn   p99 x gunicorn")
    for name, measurement in measurements.items():
        cpu = median(measurement.cpu)
        milliseconds = cpu / REQUESTS * 1000
        tail = measurement.p99 / gunicorn.p99
        print(f"{name:54} {milliseconds:8.2f} ms   {cpu / base:9.2f}   {tail:13.2f}")
    ratio = median(measurements[DELTACROWN].cpu) / base
    print(f"Target: at most {TARGET} x gunicorn. Measured: {ratio:.2f}")
    return ratio <= TARGET


def measure(stack: Stack, variants: Mapping[str, Variant]) -> dict[str, Measurement]:
    """Sends each round to all servers in turn, after a round that is not measured."""
    servers = {
        name: start(stack, command, {"REDIS_URL": "", **environment})
        for name, (command, environment) in variants.items()
    }
    measurements = {name: Measurement() for name in variants}
    for server in servers.values():
        asyncio.run(_send_requests(server.port))
    for _ in range(ROUNDS):
        for name, server in servers.items():
            before = cpu_seconds(server)
            measurements[name].latencies += asyncio.run(_send_requests(server.port))
            measurements[name].cpu.append(cpu_seconds(server) - before)
    for server in servers.values():
        server.stop()
    return measurements


async def _send_requests(port: int | None) -> list[float]:
    """The latencies in seconds, over keep-alive connections."""
    clients = (_client(port, REQUESTS // CLIENTS) for _ in range(CLIENTS))
    return [seconds for latencies in await asyncio.gather(*clients) for seconds in latencies]


async def _client(port: int | None, requests: int) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies = []
    for _ in range(requests):
        started = time.perf_counter()
        writer.write(REQUEST)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), RESPONSE_TIMEOUT)
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"unexpected response: {head[:200]!r}")
        await _read_body(reader, head.lower())
        latencies.append(time.perf_counter() - started)
    writer.close()
    return latencies


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> None:
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    if length:
        await reader.readexactly(int(length))
        return
    while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
        await reader.readexactly(size + 2)
    await reader.readuntil(b"\r\n")
