from django import forms
from django.core.validators import RegexValidator

from apps.accounts.models import NAME_PATTERN
from apps.api.schemas import MAX_ID
from apps.web.forms import ServiceForm

NAME_ERROR = (
    "Start with a letter or number."
    " Only letters, numbers, dots, dashes and underscores are allowed."
)


class SignUpForm(ServiceForm):
    username = forms.CharField(
        label="Username",
        min_length=3,
        max_length=40,
        help_text="3–40 characters: letters, numbers, . - _ . Visible to everyone.",
        validators=[RegexValidator(NAME_PATTERN, NAME_ERROR)],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        min_length=8,
        max_length=128,
        strip=False,
        help_text="At least 8 characters. Avoid common passwords.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class SignInForm(ServiceForm):
    username = forms.CharField(
        label="Username",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(ServiceForm):
    current = forms.CharField(
        label="Current password",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="New password",
        min_length=8,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class TokenForm(ServiceForm):
    token_id = forms.IntegerField(min_value=1, max_value=MAX_ID, widget=forms.HiddenInput)
