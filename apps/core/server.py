"""daphne, with the close codes that RFC 6455 asks for.

    python -m apps.core.server [daphne's own options] deltacrown.asgi:application

daphne drops the connection of a client that sends too much (1009) or what is no UTF-8 (1007)
without a word; Autobahn below it can say the code.
"""

from typing import Any

from daphne.cli import CommandLineInterface
from daphne.server import Server


class ClosingServer(Server):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options, ready_callable=self._say_close_codes)

    def _say_close_codes(self) -> None:
        # Without the second, which daphne sets too, this very call would turn it off, and a null
        # origin would be a 400 that nobody counts.
        self.ws_factory.setProtocolOptions(failByDrop=False, allowNullOrigin=True)


class Command(CommandLineInterface):
    server_class = ClosingServer


if __name__ == "__main__":
    Command.entrypoint()
