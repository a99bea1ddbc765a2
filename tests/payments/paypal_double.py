"""PayPal as documented: access tokens, Orders v2, refunds, the transaction search, verification of
webhooks."""

import base64
import hmac
import json
import uuid
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.payments.doubles import ProviderDouble, Reply, Request

ID, SECRET, WEBHOOK_ID = "client-of-the-double", "secret-of-the-double", "WH-1"
CERTIFICATE = "https://api.paypal.com/v1/notifications/certs/CERT-1"
DECLINED, UNAPPROVED, SLOW = "vault-declined", "vault-unapproved", "vault-slow"


def signature(transmission_id: str, sent_at: str, event: bytes) -> str:
    message = f"{transmission_id}|{sent_at}|{WEBHOOK_ID}|{zlib.crc32(event)}"
    return hmac.digest(SECRET.encode(), message.encode(), "sha256").hex()


def issue(status: int, name: str, issue: str = "") -> Reply:
    return Reply(status, {"name": name, "details": [{"issue": issue}] if issue else []})


class PayPalDouble(ProviderDouble):
    CREDENTIALS = (ID, SECRET, WEBHOOK_ID)
    GOOD, SLOW, DECLINED = "vault-1", SLOW, DECLINED

    def __init__(self) -> None:
        super().__init__()
        self.orders: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.token, self.signed_in = "A21AA-first", 0
        self.captures_at_once = True

    def pay_on_page(self, provider_id: str) -> None:
        """The buyer approves the order; the application captures it."""
        self.approve(self.orders[provider_id])

    def complete(self, provider_id: str) -> None:
        [capture] = self.orders[provider_id]["purchase_units"][0]["payments"]["captures"]
        capture["status"] = "COMPLETED"

    def charges(self) -> int:
        return len(self.orders)

    def is_charged(self, provider_id: str) -> bool:
        return "payments" in self.orders[provider_id]["purchase_units"][0]

    def refunded(self) -> int:
        return sum(int(r["amount"]["value"].replace(".", "")) for r in self.refunds.values())

    def answer(self, request: Request) -> Reply:
        if request.path == "/v1/oauth2/token":
            return self._sign_in(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return issue(401, "AUTHENTICATION_FAILURE")
        key = request.headers.get("paypal-request-id", "")
        return self.answer_once(key, lambda: self._do(request, json.loads(request.body or b"{}")))

    def _sign_in(self, request: Request) -> Reply:
        basic = base64.b64encode(f"{ID}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return Reply(401, {"error": "invalid_client"})
        assert request.form() == {"grant_type": "client_credentials"}
        self.signed_in += 1
        return Reply(200, {"access_token": self.token, "expires_in": 32400})

    def _do(self, request: Request, body: dict[str, Any]) -> Reply:
        match request.method, request.path.split("/")[2:]:
            case "POST", ["checkout", "orders"]:
                reply = self._order(body)
            case "POST", ["checkout", "orders", name, "capture"]:
                reply = Reply(201, self._captured(self.orders[name]))
            case "GET", ["checkout", "orders", name] if name in self.orders:
                reply = Reply(200, self.orders[name])
            case "POST", ["payments", "captures", name, "refund"]:
                reply = self._refund(name, body)
            case "GET", ["payments", "refunds", name] if name in self.refunds:
                reply = Reply(200, self.refunds[name])
            case "GET", ["reporting", "transactions"]:
                reply = self._transactions(request.query)
            case "POST", ["notifications", "verify-webhook-signature"]:
                reply = self._verify(request.body)
            case _:
                reply = issue(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")
        return reply

    def _order(self, body: dict[str, Any]) -> Reply:
        source = body["payment_source"]["paypal"].get("vault_id", UNAPPROVED)
        if source == DECLINED:
            return issue(422, "UNPROCESSABLE_ENTITY", "INSTRUMENT_DECLINED")
        order = {"id": f"ORDER-{len(self.orders)}", "status": "CREATED", **body, "source": source}
        self.orders[str(order["id"])] = order
        if source == UNAPPROVED:
            order["status"] = "PAYER_ACTION_REQUIRED"
            page = f"https://www.paypal.com/checkoutnow?token={order['id']}"
            order["links"] = [
                {
                    "rel": "self",
                    "href": f"https://api-m.paypal.com/v2/checkout/orders/{order['id']}",
                },
                {"rel": "payer-action", "href": page, "method": "GET"},
            ]
        elif self.captures_at_once:
            self._captured(order)
        return Reply(201, order)

    def approve(self, order: dict[str, Any]) -> None:
        """The buyer's part on PayPal's page."""
        order["status"], order["links"] = "APPROVED", []

    def _captured(self, order: dict[str, Any]) -> dict[str, Any]:
        [unit] = order["purchase_units"]
        status = "PENDING" if order["source"] == SLOW else "COMPLETED"
        capture = {"id": f"CAPTURE-{order['id']}", "status": status, "amount": unit["amount"]}
        unit["payments"] = {"captures": [capture | {"custom_id": unit["custom_id"]}]}
        order["status"] = "COMPLETED"
        return order

    def _refund(self, capture: str, body: dict[str, Any]) -> Reply:
        order = self.orders[capture.removeprefix("CAPTURE-")]
        refunds = [r for r in self.refunds.values() if r["order"] == order["id"]]
        total = sum(float(r["amount"]["value"]) for r in [*refunds, body])
        if total > float(order["purchase_units"][0]["amount"]["value"]):
            return issue(422, "UNPROCESSABLE_ENTITY", "REFUND_AMOUNT_EXCEEDED")
        refund = {"id": f"REFUND-{len(self.refunds)}", "status": "COMPLETED", **body}
        self.refunds[str(refund["id"])] = refund | {"order": order["id"]}
        return Reply(201, refund)

    def _transactions(self, query: dict[str, str]) -> Reply:
        """With a page size of one."""
        assert datetime.fromisoformat(query["start_date"]) < datetime.now(UTC)
        units = [order["purchase_units"][0] for order in self.orders.values()]
        rows = [_transaction("T0006", unit, "") for unit in units]
        rows += [_transaction("T1107", refund, "-") for refund in self.refunds.values()]
        page = int(query["page"])
        details = [{"transaction_info": row} for row in rows[page - 1 : page]]
        return Reply(200, {"transaction_details": details, "total_pages": len(rows)})

    def sign(self, event: bytes, *, age: float = 0) -> dict[str, str]:
        """The headers of a webhook that PayPal sent so many seconds ago."""
        sent_at = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
        transmission_id = str(uuid.uuid4())
        return {
            "PayPal-Auth-Algo": "SHA256withRSA",
            "PayPal-Cert-Url": CERTIFICATE,
            "PayPal-Transmission-Id": transmission_id,
            "PayPal-Transmission-Sig": signature(transmission_id, sent_at, event),
            "PayPal-Transmission-Time": sent_at,
        }

    def _verify(self, body: bytes) -> Reply:
        """Over the bytes of the event: other whitespace or key order fails, as at PayPal."""
        fields = json.loads(body)
        if fields["webhook_id"] != WEBHOOK_ID:
            return issue(404, "RESOURCE_NOT_FOUND")
        if fields["cert_url"] != CERTIFICATE:
            return issue(400, "VALIDATION_ERROR")
        event = body.partition(b'"webhook_event":')[2].strip().removesuffix(b"}")
        expected = signature(fields["transmission_id"], fields["transmission_time"], event)
        matches = fields["transmission_sig"] == expected
        return Reply(200, {"verification_status": "SUCCESS" if matches else "FAILURE"})


def _transaction(code: str, source: dict[str, Any], sign: str) -> dict[str, Any]:
    amount = {**source["amount"], "value": sign + source["amount"]["value"]}
    return {
        "transaction_event_code": code,
        "transaction_status": "S",
        "transaction_amount": amount,
        "custom_field": source["custom_id"],
    }


DOUBLE = PayPalDouble
