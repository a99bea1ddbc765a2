"""The HTTP API: every app's router in one document."""

from ninja import NinjaAPI, Swagger

from apps.accounts.api import router as accounts
from apps.accounts.auth import Authenticated
from apps.core.api import install_error_handlers
from apps.matches.api import router as matches
from apps.payments.api import payments, wallet
from apps.tournaments.api import router as tournaments

api = NinjaAPI(
    title="DeltaCrown",
    version="1",
    urls_namespace="api",
    auth=Authenticated(),
    docs=Swagger(),
)
install_error_handlers(api)
api.add_router("/accounts", accounts)
api.add_router("/tournaments", tournaments)
api.add_router("/matches", matches)
api.add_router("/payments", payments)
api.add_router("/wallet", wallet)
