"""Records sign-ins and new users from all sources: pages, the API, the admin and commands such as
`createsuperuser`."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from apps.accounts import lockout, services
from apps.accounts.models import User


@receiver(user_logged_in)
def on_sign_in(user: User, **_: Any) -> None:
    services.signed_in(user_id=user.pk)


@receiver(user_logged_out)
def on_sign_out(user: User | None, **_: Any) -> None:
    if user is not None:
        services.signed_out(user_id=user.pk)


@receiver(user_login_failed)
def on_sign_in_failed(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    """The attempt that causes the lockout counts as "failed", later ones as "locked_out"."""
    username = str(credentials.get("username") or "")
    services.sign_in_failed(username=username, locked_out=lockout.is_locked_out(request))


@receiver(post_save, sender=User)
def on_user_saved(instance: User, created: bool, **_: Any) -> None:
    """In the transaction of `User.save`."""
    if created and (instance.is_staff or instance.is_superuser):
        services.roles_changed(user_id=instance.pk, before=services.NO_ROLES)
