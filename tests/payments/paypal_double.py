"""PayPal as its documentation has it: sign-in, Orders v2, refunds, the transaction search."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from tests.payments.doubles import Reply, Request

ID, SECRET = "client-of-the-double", "secret-of-the-double"
DECLINED, UNAPPROVED, SLOW = "vault-declined", "vault-unapproved", "vault-slow"


def issue(status: int, name: str, issue: str = "") -> Reply:
    return Reply(status, {"name": name, "details": [{"issue": issue}] if issue else []})


class PayPalDouble:
    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.token, self.signed_in = "A21AA-first", 0
        self.captures_at_once = True
        self._answered: dict[str, Reply] = {}

    def answer(self, request: Request) -> Reply:
        if request.path == "/v1/oauth2/token":
            return self._sign_in(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return issue(401, "AUTHENTICATION_FAILURE")
        key = request.headers.get("paypal-request-id", "")
        if not key or key not in self._answered:
            reply = self._do(request, json.loads(request.body or b"{}"))
            if not key:
                return reply
            self._answered[key] = reply
        return self._answered[key]

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
        """What the buyer does on PayPal's page."""
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
        given = [one for one in self.refunds.values() if one["order"] == order["id"]]
        total = sum(float(one["amount"]["value"]) for one in [*given, body])
        if total > float(order["purchase_units"][0]["amount"]["value"]):
            return issue(422, "UNPROCESSABLE_ENTITY", "REFUND_AMOUNT_EXCEEDED")
        refund = {"id": f"REFUND-{len(self.refunds)}", "status": "COMPLETED", **body}
        self.refunds[str(refund["id"])] = refund | {"order": order["id"]}
        return Reply(201, refund)

    def _transactions(self, query: dict[str, str]) -> Reply:
        """One a page."""
        assert datetime.fromisoformat(query["start_date"]) < datetime.now(UTC)
        units = [one["purchase_units"][0] for one in self.orders.values()]
        told = [_told("T0006", one, "") for one in units]
        told += [_told("T1107", one, "-") for one in self.refunds.values()]
        page = int(query["page"])
        shown = [{"transaction_info": one} for one in told[page - 1 : page]]
        return Reply(200, {"transaction_details": shown, "total_pages": len(told)})


def _told(code: str, about: dict[str, Any], sign: str) -> dict[str, Any]:
    amount = {**about["amount"], "value": sign + about["amount"]["value"]}
    return {
        "transaction_event_code": code,
        "transaction_status": "S",
        "transaction_amount": amount,
        "custom_field": about["custom_id"],
    }
