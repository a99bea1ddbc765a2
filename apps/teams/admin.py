from django.contrib import admin

from apps.events.admin import ReadOnlyAdmin
from apps.teams.models import Invitation, Membership, Team


@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "game", "captain", "created_at")
    list_filter = ("game",)
    search_fields = ("name", "=captain__username")
    list_select_related = ("game", "captain")


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("id", "team", "user", "joined_at")
    search_fields = ("team__name", "=user__username")
    list_select_related = ("team", "user")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("id", "team", "user", "status", "created_at")
    list_filter = ("status",)
    search_fields = ("team__name", "=user__username")
    list_select_related = ("team", "user")
