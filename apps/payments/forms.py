import uuid
from typing import Any

from django import forms

from apps.payments.exceptions import CardDeclined
from apps.payments.gateways import live_methods, provider_choices
from apps.web.forms import ServiceForm

SANDBOX_TOKENS = (
    ("tok_visa", "Card: approved"),
    ("tok_slow", "Card: approved after a few seconds"),
    ("tok_declined", "Card: declined"),
    ("tok_unavailable", "Provider outage"),
    ("", "Hosted payment page"),
)


class CheckoutForm(ServiceForm):
    """`key` makes a repeated submission idempotent. Another card, or a new attempt after a decline,
    has a new idempotency key."""

    method = forms.ChoiceField(label="Pay with", choices=provider_choices)
    token = forms.ChoiceField(
        label="Test card",
        choices=SANDBOX_TOKENS,
        required=False,
        initial="tok_visa",
        help_text="Sandbox: no real money is charged.",
    )
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial.setdefault("key", uuid.uuid4().hex)
        if live := live_methods():
            choices = [choice for choice in provider_choices() if choice[0] in live]
            self.fields["method"] = forms.ChoiceField(label="Pay with", choices=choices)
            del self.fields["token"]  # the provider's page asks for the card

    def arguments(self) -> dict[str, Any]:
        method, source = self.cleaned_data["method"], self.cleaned_data.get("token", "")
        key = uuid.uuid5(uuid.UUID(self.cleaned_data["key"]), f"{method} {source}")
        return {"method": method, "source": source, "idempotency_key": key.hex}

    def add_domain_error(self, error: Any) -> None:
        super().add_domain_error(error)
        if isinstance(error, CardDeclined):
            self.data = {**self.data.dict(), "key": uuid.uuid4().hex}  # type: ignore[attr-defined]  # a QueryDict
