"""The bank's acting side: credit decisions and payment orders, both safe to send again.

A payment order moves one step each time somebody asks for its status: RCVD, ACTC, ACSP, ACSC; one
to a closed or unknown account ends in RJCT. Settled orders are debited from the funding account.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apps.sandbox.counterparts.answers import json_text, json_value, vendor_error
from apps.sandbox.counterparts.bank import PREFIX, Bank, owner_of
from apps.sandbox.counterparts.webhooks import Outbox
from apps.sandbox.storage.world import World
from apps.sandbox.world.calendar import moment_iso
from apps.sandbox.world.countries import is_valid_iban

_STEPS = {"RCVD": "ACTC", "ACTC": "ACSP", "ACSP": "ACSC"}
_GRADES = ("A", "B", "C", "D")
_LIMIT_MAJOR = 2_000_000
_COLUMNS = (
    "order_id, end_to_end_id, amount, currency, creditor_name, creditor_iban, remittance, status, "
    "reason, created_ms, updated_ms"
)


class BankOrders:
    """Takes credit decisions and payment orders, keeps them in the world file, tells webhooks."""

    def __init__(self, world: World, bank: Bank, outbox: Outbox) -> None:
        self._world = world
        self._bank = bank
        self._outbox = outbox

    def routes(self) -> list[Route]:
        """Return the paths this counterpart answers."""
        v1 = f"{PREFIX}/v1"
        return [
            Route(f"{v1}/credit-decisions", self.decide, methods=["POST"]),
            Route(v1 + "/credit-decisions/{decision_id}", self.decision),
            Route(f"{v1}/payment-orders", self.order, methods=["POST"]),
            Route(f"{v1}/payment-orders", self.orders),
            Route(v1 + "/payment-orders/{order_id}", self.order_status),
            Route(f"{v1}/webhook-endpoints", self.endpoints, methods=["GET", "POST"]),
        ]

    async def decide(self, request: Request) -> Response:
        """Answer a credit decision request; the same key and body get the same answer."""
        return await self._once(request, ("request_id", "debtor_name", "face_minor"), self._decide)

    async def decision(self, request: Request) -> Response:
        """Answer a credit decision; one that was pending is decided by now."""
        refused = self._bank.refusal(request)
        if refused:
            return refused
        decision_id = request.path_params["decision_id"]
        row = self._world.row(
            "select decision_id, request_id, status, limit_minor, reason, body "
            "from credit_decisions where decision_id = ?",
            (decision_id,),
        )
        if row is None:
            return vendor_error("bank", 404, f"no credit decision {decision_id}")
        status, limit = row[2], row[3]
        if status == "pending":
            status, limit = "approved", int(json.loads(row[5])["face_minor"])
            self._world.write(
                "update credit_decisions set status = ?, limit_minor = ? where decision_id = ?",
                (status, limit, decision_id),
            )
        return json_value(_decision(row[0], row[1], status, limit, row[4]))

    async def order(self, request: Request) -> Response:
        """Take a payment order; the same key and body get the same answer, another body 409."""
        wanted = ("end_to_end_id", "amount_minor", "currency", "creditor")
        return await self._once(request, wanted, self._order)

    async def orders(self, request: Request) -> Response:
        """List payment orders, or those with one end-to-end id, moving each one step."""
        refused = self._bank.refusal(request)
        if refused:
            return refused
        end_to_end_id = request.query_params.get("end_to_end_id")
        condition = "end_to_end_id = ?" if end_to_end_id else "? is null"
        rows = self._world.rows(
            f"select {_COLUMNS} from payment_orders where {condition} order by position",  # noqa: S608 - constant texts
            (end_to_end_id,),
        )
        found = [self._advance(row) if end_to_end_id else _order(row) for row in rows]
        return json_value({"data": found, "next_cursor": None})

    async def order_status(self, request: Request) -> Response:
        """Answer one payment order, one step further than the last time."""
        refused = self._bank.refusal(request)
        if refused:
            return refused
        order_id = request.path_params["order_id"]
        row = self._world.row(
            f"select {_COLUMNS} from payment_orders where order_id = ?",  # noqa: S608 - constant columns
            (order_id,),
        )
        if row is None:
            return vendor_error("bank", 404, f"no payment order {order_id}")
        return json_value(self._advance(row))

    async def endpoints(self, request: Request) -> Response:
        """Register or list the addresses that are told about changes."""
        refused = self._bank.refusal(request)
        if refused:
            return refused
        if request.method == "GET":
            return json_value({"data": self._outbox.endpoints(), "next_cursor": None})
        body = json.loads(await request.body() or b"{}")
        if not body.get("url"):
            return vendor_error("bank", 422, "url is needed")
        return json_value(self._outbox.register(body["url"], body.get("secret")), 201)

    async def _once(
        self,
        request: Request,
        wanted: tuple[str, ...],
        act: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> Response:
        refused = self._bank.refusal(request)
        if refused:
            return refused
        key, source = request.headers.get("idempotency-key", ""), await request.body()
        try:
            body = json.loads(source)
        except ValueError:
            return vendor_error("bank", 400, "the body is not JSON")
        missing = [name for name in wanted if body.get(name) in (None, "")]
        if not key or missing:
            what = ", ".join(missing) or "the Idempotency-Key header"
            return vendor_error("bank", 422, f"missing: {what}")
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        scoped = f"{request.url.path} {key}"
        known = self._world.row(
            "select body_sha256, answer from idempotency where key = ?", (scoped,)
        )
        if known:
            if known[0] != digest:
                return vendor_error("bank", 409, "this Idempotency-Key was used with another body")
            return json_text(known[1], 200)
        self._world.write("begin immediate")
        try:
            answer = json.dumps(act(body), ensure_ascii=False)
            self._world.write(
                "insert into idempotency values (?, ?, 201, ?)", (scoped, digest, answer)
            )
        except (KeyError, TypeError, ValueError) as error:
            self._world.write("rollback")
            return vendor_error("bank", 422, f"the body cannot be used: {error}")
        self._world.write("commit")
        return json_text(answer, 201)

    def _decide(self, body: dict[str, Any]) -> dict[str, Any]:
        decision_id = f"cd_{uuid4().hex[:20]}"
        status, limit, reason = self._judge(body)
        self._world.write(
            "insert into credit_decisions values (?, ?, ?, ?, ?, ?)",
            (decision_id, body["request_id"], status, limit, reason, json.dumps(body)),
        )
        answer = _decision(decision_id, body["request_id"], status, limit, reason)
        self._outbox.announce("credit_decision.created", answer)
        return answer

    def _judge(self, body: dict[str, Any]) -> tuple[str, int, str | None]:
        """Decide by rules: failed debtors, weak grades and large amounts, and some take time."""
        face = int(body["face_minor"])
        grade = str(body.get("grade") or "")
        failed = self._world.row(
            "select 1 from companies where name = ? and json_extract(profile, '$.failed_on') <= ?",
            (body["debtor_name"], self._today()),
        )
        if failed:
            return "declined", 0, "DEBTOR_INSOLVENT"
        if grade and grade[:1].upper() not in _GRADES:
            return "declined", 0, "GRADE_BELOW_CUT_OFF"
        if face > _LIMIT_MAJOR * 100:
            return "declined", 0, "LIMIT_EXCEEDED"
        digest = hashlib.sha256(str(body["request_id"]).encode()).digest()
        if digest[0] < 8:
            return "pending", 0, "MANUAL_REVIEW"
        return "approved", face, None

    def _order(self, body: dict[str, Any]) -> dict[str, Any]:
        order_id = f"po_{uuid4().hex[:20]}"
        now = self._world.now_ms
        amount = int(body["amount_minor"])
        if amount <= 0:
            raise ValueError("amount_minor must be positive")
        row = (
            order_id,
            body["end_to_end_id"],
            amount,
            body["currency"],
            body["creditor"]["name"],
            body["creditor"]["iban"],
            body.get("remittance") or "",
            "RCVD",
            None,
            now,
            now,
        )
        self._world.write(
            f"insert into payment_orders ({_COLUMNS}) values (?,?,?,?,?,?,?,?,?,?,?)",  # noqa: S608 - constant columns
            row,
        )
        answer = _order(row)
        self._outbox.announce("payment_order.updated", answer)
        return answer

    def _advance(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """Move a payment order one step and tell the webhooks."""
        order = dict(zip(_COLUMNS.split(", "), row, strict=True))
        following = _STEPS.get(order["status"])
        if following is None:
            return _order(row)
        reason = self._reason_to_reject(order["creditor_iban"]) if following == "ACTC" else None
        status = "RJCT" if reason else following
        self._world.write(
            "update payment_orders set status = ?, reason = ?, updated_ms = ? where order_id = ?",
            (status, reason, self._world.now_ms, order["order_id"]),
        )
        if status == "ACSC":
            self._debit(order)
        order |= {"status": status, "reason": reason, "updated_ms": self._world.now_ms}
        answer = _order(tuple(order.values()))
        self._outbox.announce("payment_order.updated", answer)
        return answer

    def _reason_to_reject(self, iban: str) -> str | None:
        owner = owner_of(self._world, iban)
        if owner is None:
            return "AC01" if not is_valid_iban(iban.replace(" ", "").upper()) else "AC03"
        return "AC04" if owner[1] == "closed" else None

    def _debit(self, order: dict[str, Any]) -> None:
        account_id = f"funding-{order['currency']}"
        last = self._world.row(
            "select balance_after from transactions where account_id = ? "
            "order by created_ms desc, rowid desc limit 1",
            (account_id,),
        )
        balance = (last[0] if last else 0) - order["amount"]
        now = self._world.now_ms
        transaction_id = f"tx_{order['order_id'][3:]}"
        payload = {
            "id": transaction_id,
            "account_id": account_id,
            "booked_on": moment_iso(now)[:10],
            "value_on": moment_iso(now)[:10],
            "amount_minor": -order["amount"],
            "currency": order["currency"],
            "counterparty_name": order["creditor_name"],
            "counterparty_iban": order["creditor_iban"],
            "reference": order["remittance"],
            "end_to_end_id": order["end_to_end_id"],
            "code": "ICDT",
            "balance_after_minor": balance,
            "created_at": moment_iso(now),
        }
        self._world.write(
            "insert into transactions values (?, ?, ?, ?, ?, ?, ?)",
            (
                account_id,
                now,
                payload["booked_on"],
                transaction_id,
                -order["amount"],
                balance,
                json.dumps(payload, ensure_ascii=False),
            ),
        )

    def _today(self) -> int:
        return 719_163 + self._world.now_ms // 86_400_000


def list_orders(world: World) -> list[dict[str, Any]]:
    """Return all payment orders as they stand, without moving them."""
    rows = world.rows(f"select {_COLUMNS} from payment_orders order by position")  # noqa: S608 - constant columns
    return [_order(row) for row in rows]


def _order(row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "id": row[0],
        "end_to_end_id": row[1],
        "amount_minor": row[2],
        "currency": row[3],
        "creditor": {"name": row[4], "iban": row[5]},
        "remittance": row[6],
        "status": row[7],
        "reason": row[8],
        "created_at": moment_iso(row[9]),
        "updated_at": moment_iso(row[10]),
    }


def _decision(
    decision_id: str, request_id: str, status: str, limit: int, reason: str | None
) -> dict[str, Any]:
    return {
        "id": decision_id,
        "request_id": request_id,
        "status": status,
        "limit_minor": limit,
        "reason": reason,
    }
