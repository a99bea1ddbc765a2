"""Small HTTP servers with faults."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behavior = Callable[[socket.socket, str], None]


class FaultyServer:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.requests: list[str] = []


@contextmanager
def faulty_server(behavior: Behavior) -> Iterator[FaultyServer]:
    """Calls the behavior with each connection and the request that it received."""
    stopped = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client may disconnect at any time
            request = connection.recv(65536).decode()
            server.requests.append(request)
            behavior(connection, request)

    def accept() -> None:
        while not stopped.is_set():
            with suppress(TimeoutError):
                connection, _ = listening.accept()
                connection.settimeout(30)
                threading.Thread(target=serve, args=[connection], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        server = FaultyServer(listening.getsockname()[1])
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            stopped.set()
            thread.join()


def responds(head: str, body: str = "") -> Behavior:
    def behavior(connection: socket.socket, _: str) -> None:
        length = len(body.encode())
        connection.sendall(f"HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n{body}".encode())

    return behavior


def hangs(connection: socket.socket, _: str) -> None:
    connection.recv(1)  # until the client disconnects


def is_not_http(connection: socket.socket, _: str) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n")


def drips(connection: socket.socket, _: str) -> None:
    """Each byte arrives well within a socket timeout."""
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def never_ends(connection: socket.socket, _: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"y" * 65536)
