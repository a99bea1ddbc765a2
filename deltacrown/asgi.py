import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deltacrown.settings")

import django

django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path, re_path
from servestatic import ServeStaticASGI

from apps.accounts.auth import user_id_by_token
from apps.core import sentry
from apps.core.health import Probes
from apps.core.http.access_log import AccessLog
from apps.core.http.asgi_handler import OneHopHandler
from apps.core.http.lifespan import Lifespan
from apps.core.http.request_context import RequestContext
from apps.core.prometheus.endpoint import MetricsEndpoint
from apps.core.sentry.aggregation import ClientErrorEvents
from apps.core.types import App
from apps.core.websocket.auth import WebSocketAuth
from apps.core.websocket.rejections import reject_unknown_path
from apps.events.live_feed import get_live_feed
from apps.tournaments.consumers import TournamentConsumer
from deltacrown.jobs import background_jobs

http: App = OneHopHandler()
if sentry.enabled():
    http = sentry.Requests(ClientErrorEvents(http))
http = AccessLog(http)
http = ServeStaticASGI(http, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL)

websocket: App = URLRouter(
    [
        path("ws/tournaments/<int:tournament_id>/", TournamentConsumer.as_asgi()),
        re_path("", reject_unknown_path),  # type: ignore[arg-type]  # an ASGI application
    ]
)
websocket = WebSocketAuth(websocket, user_of=user_id_by_token)
if sentry.enabled():
    websocket = sentry.Sockets(ClientErrorEvents(websocket))
websocket = AccessLog(websocket)

application: App = ProtocolTypeRouter({"http": http, "websocket": websocket})
application = MetricsEndpoint(application)
application = Probes(application)
application = Lifespan(application, background_jobs(), on_start=[get_live_feed])
application = RequestContext(application)
