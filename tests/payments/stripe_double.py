"""Stripe as documented: PaymentIntents, Checkout, refunds, errors, idempotent requests."""

import re
import time
from typing import Any

from tests.payments.doubles import ProviderDouble, Reply, Request

KEY, WEBHOOK_SECRET = "sk_test_of_the_double", "whsec_of_the_double"
DECLINED = "tok_chargeDeclined"
REQUIRES_ACTION = "pm_card_authenticationRequired"
BANK = "https://hooks.stripe.com/redirect/authenticate/src_1?client_secret=src_secret_1"
SLOW = "tok_slow"
UNKNOWN_METHOD = "pm_unknown"

STATUSES = {
    DECLINED: "requires_payment_method",
    SLOW: "processing",
    REQUIRES_ACTION: "requires_action",
}


def error(status: int, kind: str, **fields: Any) -> Reply:
    return Reply(status, {"error": {"type": kind, "message": "As documented.", **fields}})


class StripeDouble(ProviderDouble):
    CREDENTIALS = (KEY, WEBHOOK_SECRET)
    GOOD, SLOW, DECLINED = "tok_visa", SLOW, DECLINED

    def __init__(self) -> None:
        super().__init__()
        self.intents: dict[str, dict[str, Any]] = {}
        self.sessions: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self._bodies: dict[str, bytes] = {}  # by idempotency key

    def pay_on_page(self, provider_id: str) -> None:
        self.pay(self.sessions[provider_id], self.GOOD)

    def complete(self, provider_id: str) -> None:
        self.intents[provider_id]["status"] = "succeeded"

    def charges(self) -> int:
        return len(self.intents) + len(self.sessions)

    def is_charged(self, provider_id: str) -> bool:
        return bool(self.sessions[provider_id]["status"] == "complete")

    def refunded(self) -> int:
        return sum(refund["amount"] for refund in self.refunds.values())

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return error(401, "invalid_request_error")
        if request.method == "GET":
            return self._do(request)
        key = request.headers.get("idempotency-key", "")
        if key and self._bodies.setdefault(key, request.body) != request.body:
            return error(400, "idempotency_error")
        return self.answer_once(key, lambda: self._do(request))

    def _do(self, request: Request) -> Reply:
        match request.method, request.path.removeprefix("/v1/").split("/"):
            case "POST", ["payment_intents"]:
                reply = self._charge(request.form())
            case "GET", ["payment_intents", "search"]:
                reply = self._search(request.query["query"])
            case "GET", ["payment_intents"]:
                reply = _listed(self.intents, "/v1/payment_intents", request.query)
            case "GET", ["payment_intents", name] if name in self.intents:
                reply = Reply(200, self.intents[name])
            case "POST", ["payment_intents", name, "cancel"]:
                reply = self._cancel(self.intents[name])
            case _, ["checkout", "sessions", *rest]:
                reply = self._page(rest, request)
            case "POST", ["refunds"]:
                reply = self._refund(request.form())
            case "GET", ["refunds", name] if name in self.refunds:
                reply = Reply(200, self.refunds[name])
            case _:
                reply = error(404, "invalid_request_error", code="resource_missing", param="id")
        return reply

    def _charge(self, form: dict[str, str]) -> Reply:
        source = form.get("payment_method") or form["payment_method_data[card][token]"]
        if source == UNKNOWN_METHOD:
            param = "payment_method"
            return error(400, "invalid_request_error", code="resource_missing", param=param)
        if not form["amount"].isdigit() or form["currency"] not in ("eur", "usd"):
            return error(400, "invalid_request_error", param="currency")
        intent = self._create_intent(form, source)
        if source == DECLINED:
            details = {"payment_intent": intent, "decline_code": "generic_decline"}
            return error(402, "card_error", code="card_declined", **details)
        return Reply(200, intent)

    def _create_intent(self, form: dict[str, str], source: str) -> dict[str, Any]:
        status = STATUSES.get(source, "succeeded")
        intent = {
            "id": f"pi_{len(self.intents)}",
            "object": "payment_intent",
            "amount": int(form["amount"]),
            "currency": form["currency"],
            "created": int(time.time()),
            "status": status,
            "metadata": {"reference": form["metadata[reference]"]},
            "latest_charge": {"id": "ch_1", "object": "charge", "amount_refunded": 0},
        }
        if source == REQUIRES_ACTION:
            redirect = {"url": BANK, "return_url": form["return_url"]}
            intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": redirect}
        self.intents[str(intent["id"])] = intent
        return intent

    def _cancel(self, intent: dict[str, Any]) -> Reply:
        if intent["status"] not in ("requires_action", "requires_payment_method"):
            return error(400, "invalid_request_error", code="payment_intent_unexpected_state")
        intent["status"] = "canceled"
        return Reply(200, intent)

    def _page(self, rest: list[str], request: Request) -> Reply:
        match rest:
            case [] if request.method == "GET":
                return _listed(self.sessions, "/v1/checkout/sessions", request.query)
            case []:
                return Reply(200, self._session(request.form()))
            case [name] if name in self.sessions:
                return Reply(200, self._expanded(self.sessions[name]))
            case [name, "expire"]:
                return self._expire(self.sessions[name])
        return error(404, "invalid_request_error", code="resource_missing", param="session")

    def _session(self, form: dict[str, str]) -> dict[str, Any]:
        assert form["mode"] == "payment"
        assert form["line_items[0][quantity]"] == "1"
        assert form["success_url"] == form["cancel_url"]
        name = f"cs_test_{len(self.sessions)}"
        self.sessions[name] = {
            "id": name,
            "object": "checkout.session",
            "created": int(time.time()),
            "status": "open",
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
            "currency": form["line_items[0][price_data][currency]"],
            "url": f"https://checkout.stripe.com/c/pay/{name}#{'fidkdWxOYHwnPyd1blpxYHZx' * 20}",
            "payment_intent": None,
            "metadata": {"reference": form["metadata[reference]"]},
            "params": form,
        }
        return self.sessions[name]

    def pay(self, session: dict[str, Any], source: str) -> dict[str, Any]:
        """The payer's part on Stripe's page: all attempts share one PaymentIntent."""
        params, price = session["params"], "line_items[0][price_data]"
        form = {
            "amount": params[f"{price}[unit_amount]"],
            "currency": params[f"{price}[currency]"],
            "metadata[reference]": params["payment_intent_data[metadata][reference]"],
        }
        if session["payment_intent"] is None:
            session["payment_intent"] = self._create_intent(form, source)["id"]
        intent = self.intents[session["payment_intent"]]
        intent["metadata"]["created_by"] = params["payment_intent_data[metadata][created_by]"]
        intent["status"] = STATUSES.get(source, "succeeded")
        if intent["status"] in ("succeeded", "processing"):
            session["status"] = "complete"
        return intent

    def _expanded(self, session: dict[str, Any]) -> dict[str, Any]:
        return session | {"payment_intent": self.intents.get(session["payment_intent"])}

    def _expire(self, session: dict[str, Any]) -> Reply:
        if session["status"] != "open":
            return error(400, "invalid_request_error")
        session["status"] = "expired"
        return Reply(200, session)

    def _search(self, query: str) -> Reply:
        match = re.fullmatch(r"metadata\['reference'\]:'([\w-]+)'", query)
        assert match
        reference = match[1]
        intents = [i for i in self.intents.values() if i["metadata"]["reference"] == reference]
        return Reply(200, {"object": "search_result", "data": intents, "has_more": False})

    def _refund(self, form: dict[str, str]) -> Reply:
        intent = self.intents.get(form["payment_intent"])
        if intent is None:
            return error(400, "invalid_request_error", code="resource_missing")
        charge, amount = intent["latest_charge"], int(form["amount"])
        if charge["amount_refunded"] + amount > intent["amount"]:
            return error(400, "invalid_request_error", code="charge_already_refunded")
        charge["amount_refunded"] += amount
        refund = {
            "id": f"re_{len(self.refunds)}",
            "object": "refund",
            "amount": amount,
            "status": "succeeded",
            "payment_intent": intent["id"],
            "metadata": {"refund_reference": form["metadata[refund_reference]"]},
        }
        self.refunds[str(refund["id"])] = refund
        return Reply(200, refund)


def _listed(objects: dict[str, dict[str, Any]], url: str, query: dict[str, str]) -> Reply:
    """Newest first, with a page size of two."""
    newest = list(reversed(objects.values()))
    ids = [item["id"] for item in newest]
    start = ids.index(query["starting_after"]) + 1 if "starting_after" in query else 0
    low, high = int(query["created[gte]"]), int(query.get("created[lt]", 2**63))
    matching = [item for item in newest[start:] if low <= item["created"] < high]
    has_more = len(matching) > 2
    return Reply(200, {"object": "list", "url": url, "data": matching[:2], "has_more": has_more})


DOUBLE = StripeDouble
