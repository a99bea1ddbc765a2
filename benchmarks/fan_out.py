"""One event to 300 WebSockets, by different implementations."""

import asyncio
from statistics import median
from urllib.request import urlopen

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.servers import DAPHNE, cpu_seconds, start
from stack.processes import Stack

SOCKETS = 300
BROADCASTS = 30  # the kernel counts CPU time in hundredths of a second
ROUNDS = 5
TARGET = 2.0
WELCOME_TIMEOUT = 10
BROADCAST_TIMEOUT = 20
RAW = "raw ASGI send"
LIVE_FEED = "live feed (apps.events.live_feed)"

VARIANTS = {
    RAW: "benchmarks.variants.raw_sockets:application",
    LIVE_FEED: "benchmarks.variants.live_feed_sockets:application",
    "live feed, event recorded (apps.events.recording)": (
        "benchmarks.variants.recorded_sockets:application"
    ),
    "Channels consumer, send_json": "benchmarks.variants.channels_sockets:application",
}


def run(stack: Stack) -> bool:
    """Prints the table. Returns whether the target is met."""
    layer = "Redis" if stack.environment["REDIS_URL"] else "in-memory (redis-server is missing)"
    print(f"\nOne event to {SOCKETS} sockets, {layer} channel layer")
    print(f"{'':54} CPU/delivery   x raw")
    results = {name: asyncio.run(_measure(stack, app)) for name, app in VARIANTS.items()}
    for name, seconds in results.items():
        print(f"{name:54} {seconds * 1e6:9.0f} us   {seconds / results[RAW]:5.2f}")
    ratio = results[LIVE_FEED] / results[RAW]
    print(f"Target: at most {TARGET} x raw. Measured: {ratio:.2f}")
    return ratio <= TARGET


async def _measure(stack: Stack, application: str) -> float:
    """The server's CPU seconds for one delivery: the median of the rounds."""
    server = start(stack, [*DAPHNE, "-p", "PORT", application], {})
    try:
        sockets = [await _open_socket(server.url) for _ in range(SOCKETS)]
        await _broadcast(server.url, sockets)
        rounds = []
        for _ in range(ROUNDS):
            before = cpu_seconds(server)
            for _ in range(BROADCASTS):
                await _broadcast(server.url, sockets)
            rounds.append((cpu_seconds(server) - before) / (BROADCASTS * SOCKETS))
        await asyncio.gather(*(socket.close() for socket in sockets))
        return median(rounds)
    finally:
        server.stop()


async def _open_socket(url: str) -> ClientConnection:
    address = f"{url.replace('http', 'ws')}/ws/tournaments/1/"
    socket = await connect(address, origin=Origin(url), compression=None)
    await asyncio.wait_for(socket.recv(), WELCOME_TIMEOUT)
    return socket


async def _broadcast(url: str, sockets: list[ClientConnection]) -> None:
    """Sends one event and waits until every socket has received it."""
    await asyncio.to_thread(lambda: urlopen(f"{url}/broadcast", timeout=BROADCAST_TIMEOUT).read())
    messages = await asyncio.wait_for(
        asyncio.gather(*(socket.recv() for socket in sockets)), BROADCAST_TIMEOUT
    )
    assert all('"event"' in str(message) for message in messages)
