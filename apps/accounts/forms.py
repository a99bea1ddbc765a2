from typing import Any

from django import forms
from django.core.validators import RegexValidator

from apps.accounts.models import NAME_PATTERN
from apps.web.forms import ServiceForm, hidden_id

NAME_ERROR = (
    "Start with a letter or number."
    " Only letters, numbers, dots, dashes and underscores are allowed."
)


def _username(**options: Any) -> forms.CharField:
    attrs = {"autocomplete": "username", "autocapitalize": "none"}
    return forms.CharField(label="Username", widget=forms.TextInput(attrs=attrs), **options)


def _current_password(label: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
    return forms.CharField(label=label, max_length=128, strip=False, widget=widget)


def _new_password(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        min_length=8,
        max_length=128,
        strip=False,
        help_text="At least 8 characters. Avoid common passwords.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class SignUpForm(ServiceForm):
    username = _username(
        min_length=3,
        max_length=40,
        help_text="3–40 characters: letters, numbers, . - _ . Visible to everyone.",
        validators=[RegexValidator(NAME_PATTERN, NAME_ERROR)],
    )
    password = _new_password("Password")


class SignInForm(ServiceForm):
    username = _username(max_length=150)
    password = _current_password("Password")


class PasswordForm(ServiceForm):
    current = _current_password("Current password")
    new = _new_password("New password")


class TokenForm(ServiceForm):
    token_id = hidden_id()
