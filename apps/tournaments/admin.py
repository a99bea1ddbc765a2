from collections.abc import Callable

from django.contrib import admin

from apps.events.admin import ReadOnlyAdmin
from apps.tournaments import services
from apps.tournaments.models import Registration, RosterPlace, Tournament
from apps.web.admin_actions import ApplyAction, ServiceAdmin, service_action


def by_organizer(service: Callable[..., Tournament]) -> ApplyAction:
    return lambda request, row: service(tournament_id=row.pk, organizer=row.organizer)


def by_player(service: Callable[..., Registration]) -> ApplyAction:
    return lambda request, row: service(registration_id=row.pk, player=row.player)


@admin.register(Tournament)
class TournamentAdmin(ServiceAdmin):
    list_display = ("id", "name", "game", "format", "status", "organizer", "starts_at", "champion")
    list_filter = ("status", "format", "team_based", "game")
    search_fields = ("name", "=organizer__username")
    list_select_related = ("game", "organizer", "champion")
    date_hierarchy = "created_at"
    actions = (
        service_action("Open registration", by_organizer(services.tournament_open)),
        service_action("Open check-in", by_organizer(services.tournament_check_in_open)),
        service_action("Start", by_organizer(services.tournament_start)),
        service_action("Cancel and refund entry fees", by_organizer(services.tournament_cancel)),
    )


@admin.register(Registration)
class RegistrationAdmin(ServiceAdmin):
    list_display = ("id", "tournament", "player", "team", "status", "seed", "place", "created_at")
    list_filter = ("status",)
    search_fields = ("tournament__name", "=player__username", "team__name")
    list_select_related = ("tournament", "player", "team")
    actions = (
        service_action("Withdraw and refund", by_player(services.registration_withdraw)),
        service_action("Check in", by_player(services.registration_check_in)),
    )


@admin.register(RosterPlace)
class RosterPlaceAdmin(ReadOnlyAdmin):
    list_display = ("id", "registration", "user")
    search_fields = ("=user__username", "registration__team__name")
    list_select_related = ("registration", "user")
