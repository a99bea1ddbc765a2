from typing import Any

from django.http import HttpRequest
from ninja import Path, Router

from apps.accounts.auth import user
from apps.api.pagination import Page, PageParams, page
from apps.api.schemas import Id
from apps.tournaments import selectors, services
from apps.tournaments.api.schemas import RegistrationOut
from apps.tournaments.models import Registration

registrations = Router(tags=["tournaments"])

RegistrationId = Path[Id]


@registrations.get(
    "/",
    response=Page[RegistrationOut],
    url_name="my_registrations",
    summary="List my registrations",
)
def registration_list(request: HttpRequest, query: PageParams) -> dict[str, Any]:
    """Your registrations in all tournaments."""
    return page(selectors.registration_list().filter(player=user(request)), query)


@registrations.post(
    "/{registration_id}/withdraw", response=RegistrationOut, summary="Withdraw registration"
)
def registration_withdraw(request: HttpRequest, registration_id: RegistrationId) -> Registration:
    return services.registration_withdraw(registration_id=registration_id, player=user(request))


@registrations.post("/{registration_id}/check-in", response=RegistrationOut, summary="Check in")
def registration_check_in(request: HttpRequest, registration_id: RegistrationId) -> Registration:
    return services.registration_check_in(registration_id=registration_id, player=user(request))
