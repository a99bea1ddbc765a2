import fcntl
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PORTS = range(20_000, 32_000)  # below those that the system gives to whoever asks for any


def free_port() -> int:
    """Nobody else who asks here is given it before all others were: a server takes its time until
    it listens, and another run of the tests may look for a port meanwhile."""
    path = Path(tempfile.gettempdir()) / f"deltacrown-ports-{os.getuid()}"
    with path.open("a+") as last:
        fcntl.flock(last, fcntl.LOCK_EX)
        last.seek(0)
        begin = int(last.read() or 0)
        for step in range(1, len(PORTS)):
            port = PORTS[(begin + step) % len(PORTS)]
            if _is_free(port):
                last.truncate(0)
                last.write(str(begin + step))
                return port
    raise RuntimeError(f"no port of {PORTS} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for_port(
    port: int, process: subprocess.Popen[bytes], log: Path, *, seconds: float = 60
) -> None:
    """Raises RuntimeError, with what the process said, where it ends or does not answer in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing on port {port}:\n{log.read_text(errors='replace')[-2000:]}")
