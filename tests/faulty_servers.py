"""Small HTTP servers with faults."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer

Behavior = Callable[[socket.socket, str], None]


class FaultyServer(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, behavior: Behavior) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behavior = behavior
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests: list[str] = []


class Handler(BaseRequestHandler):
    server: FaultyServer

    def handle(self) -> None:
        self.request.settimeout(30)
        with suppress(OSError):  # the client may disconnect at any time
            request = self.request.recv(65536).decode()
            self.server.requests.append(request)
            self.server.behavior(self.request, request)


@contextmanager
def faulty_server(behavior: Behavior) -> Iterator[FaultyServer]:
    """Calls the behavior with each connection and the request that it received."""
    with FaultyServer(behavior) as server:
        threading.Thread(target=server.serve_forever, args=[0.1], daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


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
