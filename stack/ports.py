import fcntl
import os
import socket
import subprocess
import tempfile
from pathlib import Path

from stack.waiting import wait_until

PORTS = range(20_000, 32_000)  # below the range from which the kernel assigns ports
CONNECT_TIMEOUT = 1
LISTEN_TIMEOUT = 60


def free_port() -> int:
    """A port that no other caller of this user gets until all others were handed out.

    A server takes time to listen, and another test run may look for a port meanwhile.
    """
    path = Path(tempfile.gettempdir()) / f"deltacrown-ports-{os.getuid()}"
    with path.open("a+") as last:
        fcntl.flock(last, fcntl.LOCK_EX)
        last.seek(0)
        start = int(last.read() or 0)
        for step in range(1, len(PORTS)):
            port = PORTS[(start + step) % len(PORTS)]
            if _is_free(port):
                last.truncate(0)
                last.write(str(start + step))
                return port
    raise RuntimeError(f"no port of {PORTS} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(CONNECT_TIMEOUT)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for_port(
    port: int, process: subprocess.Popen[bytes], log: Path, *, timeout: float = LISTEN_TIMEOUT
) -> None:
    """Raises RuntimeError with the end of the log if the process does not listen in time."""
    wait_until(lambda: process.poll() is not None or is_listening(port), timeout)
    if process.poll() is not None or not is_listening(port):
        output = log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"nothing listens on port {port}:\n{output}")
