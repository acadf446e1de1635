"""The door for the bank's signed events: verified, written down as a command and queued.

    bank ──POST /webhooks/bank──► signature + clock ──► one transaction: command entry + task
                                        └─ 401                └─ seen before: 200, nothing new

Nothing is acted on here and what the event claims is not believed: the task only says which payment
or request to ask the bank about. The body, which may name people, is not kept; its hash is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from apps.api.signatures import SignatureError, SignedMessage, verify
from ledger.entry import Actor, Entry
from ledger.store import Ledger
from models.domain.canonical import sha256_hex
from models.domain.identity import surrogate_key

TASK_KIND = "bank.event"
PLATFORM_TENANT = "platform"
_BANK = Actor("counterpart", "bank")
_LARGEST_BODY = 256 * 1024
_ABOUT = (("end_to_end_id", "payments"), ("request_id", "submissions"))


class _Event(msgspec.Struct, frozen=True):
    type: str
    data: dict[str, Any]


@dataclass(frozen=True)
class _Subject:
    """What an event is about, as far as the ledger knows it."""

    tenant_id: str
    reference: str


def create_app(
    ledger: Ledger,
    *,
    secret: str | None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FastAPI:
    """Build the application.

    Args:
        ledger: where commands are appended.
        secret: the bank's `whsec_…` secret; without it every event is refused.
        clock: our time.
    """
    app = FastAPI(title="Invoice Financing Platform", docs_url=None, redoc_url=None)

    @app.post("/webhooks/bank", status_code=202)
    async def bank_event(request: Request) -> JSONResponse:
        body = await _body(request)
        if body is None:
            return _error(413, "too_large", f"an event has at most {_LARGEST_BODY} bytes")
        if secret is None:
            return _error(401, "no_secret", "this door has no secret; set IFP_BANK_WEBHOOK_SECRET")
        try:
            message = verify(request.headers, body, secret=secret, now=clock())
        except SignatureError as error:
            return _error(401, "bad_signature", str(error))
        try:
            event = msgspec.json.decode(body, type=_Event)
        except msgspec.DecodeError as error:
            return _error(400, "bad_event", str(error))
        is_fresh = await run_in_threadpool(_take, ledger, message, event, body)
        return JSONResponse(
            {"status": "accepted" if is_fresh else "already_received"},
            status_code=202 if is_fresh else 200,
        )

    return app


async def _body(request: Request) -> bytes | None:
    """Read the body, or nothing when it is larger than an event may be."""
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > _LARGEST_BODY:
            return None
    return bytes(chunks)


def _take(ledger: Ledger, message: SignedMessage, event: _Event, body: bytes) -> bool:
    """Write the event down once; tell whether it was new."""
    subject = _subject(ledger, event.data)
    command_id = surrogate_key("bank", "webhook", message.message_id)
    with ledger.transaction() as tx:
        if tx.projection("commands", key=command_id):
            return False
        tx.append(
            Entry(
                type="command",
                tenant_id=subject.tenant_id,
                occurred_at=message.sent_at,
                actor=_BANK,
                subjects=(subject.reference,),
                body={
                    "command_id": command_id,
                    "kind": TASK_KIND,
                    "event": event.type,
                    "webhook_id": message.message_id,
                    "body_sha256": sha256_hex(body),
                    "reference": subject.reference,
                },
            )
        )
        tx.enqueue(
            TASK_KIND,
            subject.tenant_id,
            f"{TASK_KIND}:{message.message_id}",
            {"command_id": command_id, "event": event.type, "reference": subject.reference},
        )
    return True


def _subject(ledger: Ledger, data: Mapping[str, Any]) -> _Subject:
    """Find whose payment or request an event is about; unknown ones belong to the platform."""
    for field, projection in _ABOUT:
        reference = data.get(field)
        if isinstance(reference, str) and reference:
            rows = ledger.projection(projection, key=reference)
            if rows:
                return _Subject(str(rows[0]["tenant_id"]), reference)
    return _Subject(PLATFORM_TENANT, str(data.get("id", "unknown")))


def _error(status: int, code: str, message: str) -> JSONResponse:
    """Answer in the one error shape."""
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)
