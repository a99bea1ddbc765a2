from django import forms
from django.core.validators import RegexValidator

from apps.accounts.models import NAME_PATTERN
from apps.api.schemas import MAX_ID
from apps.web.forms import ServiceForm

NAME_WORDS = "A letter or digit first; then dots, dashes and underscores too, and nothing else."


class SignUpForm(ServiceForm):
    username = forms.CharField(
        label="Name",
        min_length=3,
        max_length=40,
        help_text="3 to 40 letters, digits, dots, dashes and underscores. Everybody sees it.",
        validators=[RegexValidator(NAME_PATTERN, NAME_WORDS)],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        min_length=8,
        max_length=128,
        strip=False,
        help_text="At least 8 characters, and not one that everybody uses.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class SignInForm(ServiceForm):
    username = forms.CharField(
        label="Name",
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
        label="Password now",
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
