"""Small servers that answer as no good one does."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behaviour = Callable[[socket.socket, str], None]


class Misbehaving:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.requests: list[str] = []


@contextmanager
def misbehaving(behaviour: Behaviour) -> Iterator[Misbehaving]:
    """Given each connection with the request that came over it, and left alone with it."""
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client hangs up: that is what is tested
            request = connection.recv(65536).decode()
            server.requests.append(request)
            behaviour(connection, request)

    def accept() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                connection, _ = listening.accept()
                connection.settimeout(30)
                threading.Thread(target=serve, args=[connection], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        server = Misbehaving(listening.getsockname()[1])
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            over.set()
            thread.join()


def says(head: str, body: str = "") -> Behaviour:
    def behaviour(connection: socket.socket, _: str) -> None:
        length = len(body.encode())
        connection.sendall(f"HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n{body}".encode())

    return behaviour


def says_nothing(connection: socket.socket, _: str) -> None:
    connection.recv(1)  # until the client hangs up


def says_what_is_no_http(connection: socket.socket, _: str) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n")


def drips(connection: socket.socket, _: str) -> None:
    """Each byte well within what a timeout of the socket would allow."""
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def never_ends(connection: socket.socket, _: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"y" * 65536)
