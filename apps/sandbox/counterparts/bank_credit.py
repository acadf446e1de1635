"""The bank's own credit decisions: asked once per request, answered by rules, safe to ask again."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apps.sandbox.counterparts.answers import json_value, vendor_error
from apps.sandbox.counterparts.bank import PREFIX, Bank
from apps.sandbox.counterparts.idempotency import once
from apps.sandbox.counterparts.webhooks import Outbox
from apps.sandbox.storage.world import World
from apps.sandbox.world.days import DAY_MS, EPOCH_DAY

_GRADES = ("A", "B", "C", "D")
_LIMIT_MINOR = 200_000_000
_PENDING_OF_256 = 8


class BankCredit:
    """Decides credit requests; about one in thirty waits for a person and is granted later."""

    def __init__(self, world: World, bank: Bank, outbox: Outbox) -> None:
        self._world = world
        self._bank = bank
        self._outbox = outbox

    def routes(self) -> list[Route]:
        """Return the paths this counterpart answers."""
        path = f"{PREFIX}/v1/credit-decisions"
        return [
            Route(path, self.decide, methods=["POST"]),
            Route(path + "/{decision_id}", self.decision),
        ]

    async def decide(self, request: Request) -> Response:
        """Answer a credit decision request; the same key and body get the same answer."""
        refused = self._bank.refusal(request)
        if refused:
            return refused
        wanted = ("request_id", "debtor_name", "face_minor")
        return await once(self._world, request, wanted, self._decide)

    async def decision(self, request: Request) -> Response:
        """Answer a credit decision; one that was pending is granted by now."""
        refused = self._bank.refusal(request)
        if refused:
            return refused
        decision_id = request.path_params["decision_id"]
        row = self._world.row(
            "select request_id, status, limit_minor, reason, body from credit_decisions "
            "where decision_id = ?",
            (decision_id,),
        )
        if row is None:
            return vendor_error("bank", 404, f"no credit decision {decision_id}")
        request_id, status, limit, reason, body = row
        if status == "pending":
            status, limit, reason = "approved", int(json.loads(body)["face_minor"]), None
            self._world.write(
                "update credit_decisions set status = ?, limit_minor = ?, reason = ? "
                "where decision_id = ?",
                (status, limit, reason, decision_id),
            )
        return json_value(_answer(decision_id, request_id, status, limit, reason))

    def _decide(self, body: dict[str, Any]) -> dict[str, Any]:
        decision_id = f"cd_{uuid4().hex[:20]}"
        status, limit, reason = self._judge(body)
        self._world.write(
            "insert into credit_decisions values (?, ?, ?, ?, ?, ?)",
            (decision_id, body["request_id"], status, limit, reason, json.dumps(body)),
        )
        answer = _answer(decision_id, body["request_id"], status, limit, reason)
        self._outbox.announce("credit_decision.created", answer)
        return answer

    def _judge(self, body: dict[str, Any]) -> tuple[str, int, str | None]:
        """Decline failed debtors, weak grades and large amounts; let a few wait."""
        face = int(body["face_minor"])
        grade = str(body.get("grade") or "")
        today = EPOCH_DAY + self._world.now_ms // DAY_MS
        failed = self._world.row(
            "select 1 from companies where name = ? and json_extract(profile, '$.failed_on') <= ?",
            (body["debtor_name"], today),
        )
        if failed:
            return "declined", 0, "DEBTOR_INSOLVENT"
        if grade and grade[:1].upper() not in _GRADES:
            return "declined", 0, "GRADE_BELOW_CUT_OFF"
        if face > _LIMIT_MINOR:
            return "declined", 0, "LIMIT_EXCEEDED"
        if hashlib.sha256(str(body["request_id"]).encode()).digest()[0] < _PENDING_OF_256:
            return "pending", 0, "MANUAL_REVIEW"
        return "approved", face, None


def _answer(
    decision_id: str, request_id: str, status: str, limit: int, reason: str | None
) -> dict[str, Any]:
    return {
        "id": decision_id,
        "request_id": request_id,
        "status": status,
        "limit_minor": limit,
        "reason": reason,
    }
