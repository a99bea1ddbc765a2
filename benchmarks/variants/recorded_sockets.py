"""The application, and a path that records an event of tournament 1.

The measurement includes the audit entry, its transaction and its log line.
"""

from deltacrown.asgi import application as deltacrown  # isort: skip  sets Django up

from django.db import transaction

from apps.core import thread_pool
from apps.core.http import responses
from apps.core.types import Receive, Scope, Send
from apps.events import recording
from apps.tournaments.events import TournamentStarted


def record_event() -> None:
    with transaction.atomic():
        recording.record(TournamentStarted(tournament_id=1, entrants=16, rounds=4))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http" or scope["path"] != "/broadcast":
        await deltacrown(scope, receive, send)
        return
    await thread_pool.query(record_event)
    await responses.send_json(send, 200, {})
