import re
from typing import Any

from apps.payments.models import Payment
from apps.tournaments.models import Registration
from tests.factories import signed_in

KEY = "0a" * 16  # of a form


class Payer:
    """A signed-in player, on the pages of a registration that is not paid."""

    def __init__(self, registration: Registration) -> None:
        self.registration, self.url = registration, f"/pay/{registration.pk}"
        self.client = signed_in(registration.player)

    def pay(self, token: str = "tok_visa", *, method: str = "STRIPE", key: str = KEY) -> Any:
        return self.client.post(self.url, {"method": method, "token": token, "key": key})

    def start(self, method: str = "STRIPE") -> Payment:
        """Submits the checkout page without a card."""
        response = self.pay("", method=method)
        assert (response.status_code, response.headers["Location"]) == (302, self.url)
        payment = Payment.objects.get(status="processing")
        assert payment.requires_action
        return payment

    def send(self, path: str, body: dict[str, Any] | None = None, key: str = "") -> Any:
        """Posts JSON to the API of payments."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(
            f"/api/payments/{path}", body or {}, "application/json", headers=headers
        )

    def cancel(self, **form: Any) -> str:
        response = self.client.post(f"{self.url}/cancel", form, follow=True)
        return response.content.decode()

    def page(self, path: str = "") -> str:
        """The checkout page, or another page, after redirects."""
        return self.client.get(path or self.url, follow=True).content.decode()

    def back(self) -> str:
        """The page to which the provider's page returns."""
        return self.page(f"{self.url}/back")

    def is_confirmed(self) -> bool:
        self.registration.refresh_from_db()
        return self.registration.status == Registration.Status.CONFIRMED

    def listed_status(self) -> str:
        """The status of the only payment on the user's page."""
        section = self.page("/me").partition('id="paid-title"')[2].partition("</section>")[0]
        [tag] = re.findall(r'<span class="tag"[^>]*>([^<]+)</span>', section)
        return str(tag)
