"""One event to 300 sockets, by different ways."""

import asyncio
from statistics import median
from urllib.request import urlopen

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.servers import DAPHNE, Server

SOCKETS = 300
BROADCASTS = 30  # the kernel counts in hundredths of a second
ROUNDS = 5
TARGET = 2.0
RAW = "raw ASGI send"
OURS = "live hub (apps.events.live_feed)"

VARIANTS = {
    RAW: "benchmarks.variants.raw_sockets:application",
    OURS: "benchmarks.variants.hub_sockets:application",
    "live hub, recording the event (apps.events.recording)": (
        "benchmarks.variants.recorded_sockets:application"
    ),
    "Channels consumer, send_json": "benchmarks.variants.channels_sockets:application",
}


def run(variables: dict[str, str]) -> bool:
    """Prints the table. Whether the target is met."""
    layer = "Redis" if variables["REDIS_URL"] else "in-memory (no redis-server here)"
    print(f"\nOne event to {SOCKETS} sockets, {layer} channel layer")
    print(f"{'':54} CPU/delivery   x raw")
    measured = {name: asyncio.run(measure(name, app, variables)) for name, app in VARIANTS.items()}
    for name, seconds in measured.items():
        print(f"{name:54} {seconds * 1e6:9.0f} us   {seconds / measured[RAW]:5.2f}")
    ratio = measured[OURS] / measured[RAW]
    print(f"Target: at most {TARGET} x raw; it is {ratio:.2f}")
    return ratio <= TARGET


async def measure(name: str, application: str, variables: dict[str, str]) -> float:
    """CPU seconds of the server for one delivery: the median of the rounds."""
    server = Server(name, [*DAPHNE, "-p", "PORT", application], variables)
    try:
        sockets = [await open_socket(server.port) for _ in range(SOCKETS)]
        await broadcast(server.port, sockets)
        rounds = []
        for _ in range(ROUNDS):
            before = server.cpu_seconds()
            for _ in range(BROADCASTS):
                await broadcast(server.port, sockets)
            rounds.append((server.cpu_seconds() - before) / (BROADCASTS * SOCKETS))
        await asyncio.gather(*(socket.close() for socket in sockets))
        return median(rounds)
    finally:
        server.stop()


async def open_socket(port: int) -> ClientConnection:
    origin = Origin(f"http://127.0.0.1:{port}")
    socket = await connect(
        f"ws://127.0.0.1:{port}/ws/tournaments/1/", origin=origin, compression=None
    )
    await asyncio.wait_for(socket.recv(), 10)  # welcome
    return socket


async def broadcast(port: int, sockets: list[ClientConnection]) -> None:
    """One event, and everybody has it before the next one goes out."""
    await asyncio.to_thread(
        lambda: urlopen(f"http://127.0.0.1:{port}/broadcast", timeout=10).read()
    )
    got = await asyncio.wait_for(asyncio.gather(*(one.recv() for one in sockets)), 20)
    assert all('"event"' in str(text) for text in got)
