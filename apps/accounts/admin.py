"""Users and groups. A changed role or password is recorded in the same transaction."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest

from apps.accounts import services
from apps.accounts.models import ApiToken, User
from apps.web.admin_actions import ServiceAdmin, service_action

BEFORE = "roles_before"  # attribute of the request, from `save_model` to `save_related`


class RecordedPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # generic in its stubs only
    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit)
        services.password_changed(user_id=user.pk)
        return user


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]  # generic in its stubs only
    """Users are deactivated, not deleted: the audit trail refers to them."""

    change_password_form = RecordedPasswordForm

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        setattr(request, BEFORE, services.roles_of(user_id=obj.pk or 0))
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.roles_changed(user_id=form.instance.pk, before=getattr(request, BEFORE))


class RecordedGroupAdmin(GroupAdmin):
    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        setattr(request, BEFORE, services.group_of(group_id=obj.pk or 0))
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.group_changed(group_id=form.instance.pk, before=getattr(request, BEFORE))

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        group_id, before = obj.pk, services.group_of(group_id=obj.pk)
        super().delete_model(request, obj)
        services.group_changed(group_id=group_id, before=before)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for group in queryset:
            self.delete_model(request, group)


admin.site.unregister(Group)
admin.site.register(Group, RecordedGroupAdmin)


def revoke(request: HttpRequest, row: ApiToken) -> None:
    services.token_revoke(user=row.user, token_id=row.pk)


@admin.register(ApiToken)
class ApiTokenAdmin(ServiceAdmin):
    list_display = ("id", "user", "created_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("=user__username",)
    exclude = ("digest",)
    actions = (service_action("Revoke", revoke),)
