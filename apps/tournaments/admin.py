from django.contrib import admin
from django.http import HttpRequest

from apps.events.admin import ReadOnlyAdmin
from apps.tournaments import services
from apps.tournaments.models import Registration, RosterPlace, Tournament
from apps.web.admin_actions import ServiceAdmin, service_action


def open_registration(request: HttpRequest, row: Tournament) -> None:
    services.tournament_open(tournament_id=row.pk, organizer=row.organizer)


def open_check_in(request: HttpRequest, row: Tournament) -> None:
    services.tournament_check_in_open(tournament_id=row.pk, organizer=row.organizer)


def start(request: HttpRequest, row: Tournament) -> None:
    services.tournament_start(tournament_id=row.pk, organizer=row.organizer)


def cancel(request: HttpRequest, row: Tournament) -> None:
    services.tournament_cancel(tournament_id=row.pk, organizer=row.organizer)


def withdraw(request: HttpRequest, row: Registration) -> None:
    services.registration_withdraw(registration_id=row.pk, player=row.player)


def check_in(request: HttpRequest, row: Registration) -> None:
    services.registration_check_in(registration_id=row.pk, player=row.player)


@admin.register(Tournament)
class TournamentAdmin(ServiceAdmin):
    list_display = ("id", "name", "game", "format", "status", "organizer", "starts_at", "champion")
    list_filter = ("status", "format", "team_based", "game")
    search_fields = ("name", "=organizer__username")
    list_select_related = ("game", "organizer", "champion")
    date_hierarchy = "created_at"
    actions = (
        service_action("Open registration", open_registration),
        service_action("Open check-in", open_check_in),
        service_action("Start", start),
        service_action("Cancel and refund entry fees", cancel),
    )


@admin.register(Registration)
class RegistrationAdmin(ServiceAdmin):
    list_display = ("id", "tournament", "player", "team", "status", "seed", "place", "created_at")
    list_filter = ("status",)
    search_fields = ("tournament__name", "=player__username", "team__name")
    list_select_related = ("tournament", "player", "team")
    actions = (
        service_action("Withdraw and refund", withdraw),
        service_action("Check in", check_in),
    )


@admin.register(RosterPlace)
class RosterPlaceAdmin(ReadOnlyAdmin):
    list_display = ("id", "registration", "user")
    search_fields = ("=user__username", "registration__team__name")
    list_select_related = ("registration", "user")
