"""Records changed roles in the audit trail, with the values before and after.

Read the roles before the change, in the same transaction:

    before = roles_of(user_id=7)
    ...
    roles_changed(user_id=7, before=before)
"""

from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from apps.accounts.events import GroupChanged, RolesChanged
from apps.accounts.models import User
from apps.events.recording import record

Roles = dict[str, Any]
NO_ROLES: Roles = {  # of a new user
    "is_active": True,
    "is_staff": False,
    "is_superuser": False,
    "groups": [],
    "permissions": [],
}


def roles_of(*, user_id: int) -> Roles:
    """NO_ROLES for an unknown user. Locks the user's row."""
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        return NO_ROLES
    return {
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "permissions": _names(user.user_permissions),
    }


@transaction.atomic
def roles_changed(*, user_id: int, before: Roles) -> None:
    """Records nothing if the roles are unchanged."""
    after = roles_of(user_id=user_id)
    if after != before:
        record(RolesChanged(user_id=user_id), before=before, after=after)


def group_of(*, group_id: int) -> Roles:
    group = Group.objects.select_for_update().filter(pk=group_id).first()
    return {} if group is None else {"name": group.name, "permissions": _names(group.permissions)}


@transaction.atomic
def group_changed(*, group_id: int, before: Roles) -> None:
    after = group_of(group_id=group_id)
    if after != before:
        record(GroupChanged(group_id=group_id), before=before, after=after)


def _names(permissions: Any) -> list[str]:
    labels = permissions.values_list("content_type__app_label", "codename")
    return sorted(f"{app}.{codename}" for app, codename in labels)
