"""The bank's payment orders, safe to send again, and the webhook endpoints told about them.

A payment order moves one step each time somebody asks for its status: RCVD, ACTC, ACSP, ACSC; one
to a closed or unknown account ends in RJCT. Settled orders are debited from the funding account.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apps.sandbox.counterparts.answers import json_body, json_value, vendor_error
from apps.sandbox.counterparts.bank import PREFIX, Bank, owner_of
from apps.sandbox.counterparts.idempotency import once
from apps.sandbox.counterparts.webhooks import Outbox
from apps.sandbox.storage.world import World
from apps.sandbox.world.countries import is_valid_iban
from apps.sandbox.world.days import moment_iso

_STEPS = {"RCVD": "ACTC", "ACTC": "ACSP", "ACSP": "ACSC"}
_COLUMNS = (
    "order_id, end_to_end_id, amount, currency, creditor_name, creditor_iban, remittance, status, "
    "reason, created_ms, updated_ms"
)


class BankOrders:
    """Takes payment orders, keeps them in the world file and tells the webhooks."""

    def __init__(self, world: World, bank: Bank, outbox: Outbox) -> None:
        self._world = world
        self._bank = bank
        self._outbox = outbox

    def routes(self) -> list[Route]:
        """Return the paths this counterpart answers."""
        v1 = f"{PREFIX}/v1"
        return [
            Route(f"{v1}/payment-orders", self.order, methods=["POST"]),
            Route(f"{v1}/payment-orders", self.orders),
            Route(v1 + "/payment-orders/{order_id}", self.order_status),
            Route(f"{v1}/webhook-endpoints", self.endpoints, methods=["GET", "POST"]),
        ]

    async def order(self, request: Request) -> Response:
        """Take a payment order; the same key and body get the same answer, another body 409."""
        refused = self._bank.refusal(request)
        if refused:
            return refused
        wanted = ("end_to_end_id", "amount_minor", "currency", "creditor")
        return await once(self._world, request, wanted, self._order)

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
        body = await json_body(request)
        if not body.get("url"):
            return vendor_error("bank", 422, "url is needed")
        return json_value(self._outbox.register(body["url"], body.get("secret")), 201)

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
