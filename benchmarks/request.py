"""`GET /api/tournaments/`, instrumented, through different servers and handlers."""

import asyncio
import time
from statistics import median, quantiles

from benchmarks.servers import BIN, DAPHNE, all_of

CLIENTS = 8
REQUESTS = 240
ROUNDS = 5
TARGET = 1.2
OURS = "daphne, one hop (deltacrown.asgi)"
GUNICORN = "gunicorn, 8 threads"
GUIDE = {"DJANGO_SETTINGS_MODULE": "benchmarks.variants.guide_settings"}

VARIANTS: dict[str, tuple[list[str], dict[str, str]]] = {
    OURS: ([*DAPHNE, "-p", "PORT", "deltacrown.asgi:application"], {}),
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
    "daphne, get_asgi_application(), as the guide has it": (
        [*DAPHNE, "-p", "PORT", "benchmarks.variants.plain_asgi:application"],
        GUIDE,
    ),
}
REQUEST = b"GET /api/tournaments/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def run(variables: dict[str, str]) -> bool:
    """Prints the table. Whether the target is met."""
    bare = variables | {"REDIS_URL": ""}
    cpu: dict[str, list[float]] = {name: [] for name in VARIANTS}
    waits: dict[str, list[float]] = {name: [] for name in VARIANTS}
    wanted = ((name, command, bare | extra) for name, (command, extra) in VARIANTS.items())
    with all_of(wanted) as servers:
        for server in servers:
            asyncio.run(load(server.port, REQUESTS))
        for _ in range(ROUNDS):
            for server in servers:
                before = server.cpu_seconds()
                waits[server.name] += asyncio.run(load(server.port, REQUESTS))
                cpu[server.name].append((server.cpu_seconds() - before) / REQUESTS)
    return show(cpu, waits)


def show(cpu: dict[str, list[float]], waits: dict[str, list[float]]) -> bool:
    base = median(cpu[GUNICORN])
    print(f"\nGET /api/tournaments/, {CLIENTS} clients, {ROUNDS} rounds of {REQUESTS}")
    print(f"{'':54} CPU/request   x gunicorn   p99 x gunicorn")
    slow = quantiles(waits[GUNICORN], n=100)[-1]
    for name, seconds in cpu.items():
        tail = quantiles(waits[name], n=100)[-1] / slow
        ratio = median(seconds) / base
        print(f"{name:54} {median(seconds) * 1000:8.2f} ms   {ratio:9.2f}   {tail:13.2f}")
    ratio = median(cpu[OURS]) / base
    print(f"Target: at most {TARGET} x gunicorn; it is {ratio:.2f}")
    return ratio <= TARGET


async def load(port: int, requests: int) -> list[float]:
    """The seconds that each request took, over keep-alive connections."""
    each = requests // CLIENTS
    found = await asyncio.gather(*(client(port, each) for _ in range(CLIENTS)))
    return [seconds for some in found for seconds in some]


async def client(port: int, requests: int) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waits = []
    for _ in range(requests):
        began = time.perf_counter()
        writer.write(REQUEST)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"unexpected answer: {head[:200]!r}")
        await read_body(reader, head.lower())
        waits.append(time.perf_counter() - began)
    writer.close()
    return waits


async def read_body(reader: asyncio.StreamReader, head: bytes) -> None:
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    if length:
        await reader.readexactly(int(length))
        return
    while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
        await reader.readexactly(size + 2)
    await reader.readuntil(b"\r\n")
