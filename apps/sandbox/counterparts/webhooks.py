"""Webhooks both ways: the bank's signed announcements, and a receiver that keeps what it is sent.

Signatures follow Standard Webhooks (https://www.standardwebhooks.com): `webhook-signature` is
`v1,` and the base64 HMAC-SHA256 of `{id}.{timestamp}.{body}` under the endpoint's secret.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any
from uuid import uuid4

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apps.sandbox.control.faults import Faults
from apps.sandbox.counterparts.answers import json_value
from apps.sandbox.storage.world import World

PREFIX = "/sink/webhooks"
_ATTEMPTS = 3
_SECRET_MARK = "whsec_"  # noqa: S105 - the standard's prefix, no secret


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature header of a message."""
    key = base64.b64decode(secret.removeprefix(_SECRET_MARK))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Outbox:
    """Delivers announcements to every registered endpoint, in the background, at least once.

    Faults of the counterpart `webhook` with the path `/deliver` bend deliveries: `duplicate`
    sends twice, `out_of_order` lets the next announcement overtake, `malformed` breaks the body.
    """

    def __init__(self, world: World, faults: Faults, default_secret: str) -> None:
        self._world = world
        self._faults = faults
        self._default_secret = default_secret
        self._running: set[asyncio.Task[None]] = set()
        self._held: tuple[str, bytes] | None = None

    def endpoints(self) -> list[dict[str, str]]:
        """Return the registered endpoints without their secrets."""
        rows = self._world.rows("select endpoint_id, url from webhook_endpoints order by url")
        return [{"id": row[0], "url": row[1]} for row in rows]

    def register(self, url: str, secret: str | None) -> dict[str, str]:
        """Register an endpoint; the same address again replaces the secret."""
        chosen = secret or self._default_secret
        self._world.write(
            "insert into webhook_endpoints values (?, ?, ?) "
            "on conflict (url) do update set secret = excluded.secret",
            (f"we_{uuid4().hex[:16]}", url, chosen),
        )
        row = self._world.row("select endpoint_id from webhook_endpoints where url = ?", (url,))
        return {"id": row[0] if row else "", "url": url, "secret": chosen}

    def announce(self, event: str, data: dict[str, Any]) -> None:
        """Tell every endpoint about an event."""
        body = json.dumps(
            {"type": event, "timestamp": self._world.now, "data": data},
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        message = (f"msg_{uuid4().hex}", body)
        fault = self._faults.strike("webhook", "/deliver")
        kind = fault.fault if fault else ""
        if kind == "out_of_order" and self._held is None:
            self._held = message
            return
        if kind in {"malformed", "truncated"}:
            message = (message[0], body[: len(body) // 2])
        messages = [message, message] if kind == "duplicate" else [message]
        if self._held is not None:
            messages.append(self._held)
            self._held = None
        rows = self._world.rows("select url, secret from webhook_endpoints")
        for url, secret in rows:
            task = asyncio.get_running_loop().create_task(self._deliver(url, secret, messages))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _deliver(self, url: str, secret: str, messages: list[tuple[str, bytes]]) -> None:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            for message_id, body in messages:
                for attempt in range(_ATTEMPTS):
                    if await _accepted(client, url, secret, message_id, body):
                        break
                    await asyncio.sleep(0.2 * 2**attempt)


async def _accepted(
    client: httpx.AsyncClient, url: str, secret: str, message_id: str, body: bytes
) -> bool:
    timestamp = int(time.time())
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message_id, timestamp, body),
    }
    try:
        answer = await client.post(url, content=body, headers=headers)
    except httpx.HTTPError:
        return False
    return answer.is_success


class WebhookSink:
    """Receives webhooks under any name and keeps them for tests to read."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """Return the paths this counterpart answers."""
        return [Route(PREFIX + "/{name}", self.receive, methods=["POST"])]

    async def receive(self, request: Request) -> Response:
        """Keep a webhook's headers and raw body."""
        body = await request.body()
        self._world.write(
            "insert into webhooks (name, received_ms, headers, body) values (?, ?, ?, ?)",
            (
                request.path_params["name"],
                self._world.now_ms,
                json.dumps(dict(request.headers)),
                body.decode("utf-8", "replace"),
            ),
        )
        return json_value({"stored": True})

    def received(self, name: str) -> list[dict[str, Any]]:
        """Return what arrived under a name, oldest first."""
        rows = self._world.rows(
            "select position, headers, body from webhooks where name = ? order by position", (name,)
        )
        return [{"id": row[0], "headers": json.loads(row[1]), "body": row[2]} for row in rows]


def new_secret() -> str:
    """Return a fresh endpoint secret."""
    return _SECRET_MARK + base64.b64encode(secrets.token_bytes(24)).decode()
