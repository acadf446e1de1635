"""The door every request passes: counts it, and lets the switched-on fault strike."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps.sandbox.control.bodies import bend
from apps.sandbox.control.faults import BODY_KINDS, STATUS_KINDS, Fault, Faults
from apps.sandbox.control.requests import Requests
from apps.sandbox.control.tokens import Tokens
from apps.sandbox.counterparts.answers import vendor_error

_PREFIXES = (("/xero", "xero"), ("/dnb", "dnb"), ("/bank", "bank"), ("/sink", "webhook"))


class Gate:
    """ASGI layer around the counterparts."""

    def __init__(
        self, app: ASGIApp, faults: Faults, requests: Requests, tokens: Mapping[str, Tokens]
    ) -> None:
        self._app = app
        self._faults = faults
        self._requests = requests
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or let it go wrong."""
        counterpart = _counterpart(scope)
        if not counterpart:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        watched = _Watched(send)
        fault = self._faults.strike(counterpart, path)
        try:
            if fault is None:
                await self._app(scope, receive, watched)
            else:
                await self._strike(fault, scope, receive, watched)
        finally:
            self._requests.note(counterpart, scope["method"], path, watched.status)

    async def _strike(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        kind = fault.fault
        if kind in STATUS_KINDS:
            await _refusal(fault)(scope, receive, send)
        elif kind == "hang":
            await _until_gone(receive, fault.seconds)
        elif kind in BODY_KINDS:
            answer = _Collected()
            await self._app(scope, receive, answer)
            await answer.send_bent(fault, send)
        else:
            if kind == "slow":
                await asyncio.sleep(fault.seconds)
            if kind == "expired_token" and fault.counterpart in self._tokens:
                self._tokens[fault.counterpart].revoke_all()
            await self._app(scope, receive, send)


class _Watched:
    """Passes messages on and remembers the status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


class _Collected:
    """Keeps an answer back until it is complete."""

    def __init__(self) -> None:
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._body += message.get("body", b"")

    async def send_bent(self, fault: Fault, send: Send) -> None:
        """Send the answer bent; a truncated one promises more than it sends."""
        body = bend(fault, self._body)
        headers = [pair for pair in self._start["headers"] if pair[0] != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        if fault.fault == "truncated":
            body = body[: len(body) // 2]
        await send({**self._start, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _counterpart(scope: Scope) -> str:
    if scope["type"] != "http":
        return ""
    path = scope["path"]
    for prefix, counterpart in _PREFIXES:
        if path.startswith(prefix):
            return counterpart
    return ""


def _refusal(fault: Fault) -> Response:
    status = STATUS_KINDS[fault.fault]
    headers = {}
    if status == 429:
        headers["Retry-After"] = str(fault.retry_after)
        if fault.counterpart == "xero":
            headers |= {"X-Rate-Limit-Problem": "minute", "X-MinLimit-Remaining": "0"}
        if fault.counterpart == "bank":
            headers["X-RateLimit-Remaining"] = "0"
    detail = "AuthenticationUnsuccessful" if status in {401, 403} else f"switched-on {status}"
    return vendor_error(fault.counterpart, status, detail, headers)


async def _until_gone(receive: Receive, seconds: float) -> None:
    """Wait until the client hangs up, at most `seconds`."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), seconds)
    except TimeoutError:
        return
