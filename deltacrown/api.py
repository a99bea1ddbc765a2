"""The HTTP API: every app's router in one document."""

from ninja import Swagger

from apps.accounts.api import router as accounts
from apps.accounts.auth import Authenticated
from apps.api.errors import install_error_handlers
from apps.api.openapi import DocumentedAPI
from apps.games.api import router as games
from apps.matches.api import router as matches
from apps.payments.api import payments, wallet
from apps.teams.api import invitations
from apps.teams.api import router as teams
from apps.tournaments.api.registrations import registrations
from apps.tournaments.api.tournaments import router as tournaments

api = DocumentedAPI(
    title="DeltaCrown",
    version="1",
    description="Sign up, get a token from `POST /api/accounts/token`, and send it with each"
    " request: `Authorization: Bearer TOKEN`.",
    urls_namespace="api",
    auth=Authenticated(),
    docs=Swagger(),
)
install_error_handlers(api)
api.add_router("/accounts", accounts)
api.add_router("/games", games)
api.add_router("/teams", teams)
api.add_router("/invitations", invitations)
api.add_router("/tournaments", tournaments)
api.add_router("/registrations", registrations)
api.add_router("/matches", matches)
api.add_router("/payments", payments)
api.add_router("/wallet", wallet)
