import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from apps.payments.exceptions import CardDeclined
from apps.payments.gateways import provider_choices
from apps.web.forms import ServiceForm

SANDBOX = (
    ("tok_visa", "A card that is good"),
    ("tok_slow", "A card that takes its time, some seconds"),
    ("tok_declined", "A card that is declined"),
    ("tok_unavailable", "A provider that does not answer"),
    ("", "None: the provider asks me on its own page"),
)


class CheckoutForm(ServiceForm):
    """`key` makes sending it twice one payment. With another card it is another payment, and so it
    is after a decline, which is over."""

    method = forms.ChoiceField(label="Pay with", choices=provider_choices)
    token = forms.ChoiceField(
        label="Test card",
        choices=SANDBOX,
        required=False,
        initial="tok_visa",
        help_text="No money moves here: this is the sandbox.",
    )
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, live: Sequence[str] = (), **more: Any) -> None:
        """`live`: the methods with which real money moves, where there are any."""
        super().__init__(*args, **more)
        self.initial.setdefault("key", uuid.uuid4().hex)
        if live:
            choices = [choice for choice in provider_choices() if choice[0] in live]
            self.fields["method"] = forms.ChoiceField(label="Pay with", choices=choices)
            del self.fields["token"]  # the provider asks, on its own page

    def arguments(self) -> dict[str, Any]:
        method, source = self.cleaned_data["method"], self.cleaned_data.get("token", "")
        key = uuid.uuid5(uuid.UUID(self.cleaned_data["key"]), f"{method} {source}")
        return {"method": method, "source": source, "idempotency_key": key.hex}

    def add_domain_error(self, error: Any) -> None:
        super().add_domain_error(error)
        if isinstance(error, CardDeclined):
            self.data = {**self.data.dict(), "key": uuid.uuid4().hex}  # type: ignore[attr-defined]  # a QueryDict
