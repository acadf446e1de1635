"""The mail server: accepts every message over SMTP and keeps it for tests to read."""

from __future__ import annotations

import asyncio
import email
import email.policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from apps.sandbox.control.faults import Fault, Faults
from apps.sandbox.storage.world import World

_REFUSALS = {
    "401": "535 5.7.8 Authentication credentials invalid",
    "expired_token": "535 5.7.8 Authentication credentials invalid",
    "403": "550 5.7.1 Delivery not authorized",
    "429": "451 4.7.1 Greylisted, try again later",
    "500": "554 5.3.0 Transaction failed",
    "truncated": "421 4.4.2 Connection dropped",
    "malformed": "999 ???",
    "hang": "421 4.4.2 Timeout",
}


class MailSink:
    """Keeps what is sent; faults of the counterpart `smtp` refuse, delay or double a message.

    Attributes:
        port: where it listens, 0 before it does.
    """

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self.port = 0

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Accept a message unless a fault says otherwise."""
        fault = self._faults.strike("smtp", "/message")
        if fault is not None:
            refusal = await self._bend(fault)
            if refusal:
                return refusal
        self._store(envelope)
        if fault is not None and fault.fault == "duplicate":
            self._store(envelope)
        return "250 2.0.0 Message accepted for delivery"

    def messages(self) -> list[dict[str, Any]]:
        """Return stored messages, oldest first, with their texts and attachment names."""
        rows = self._world.rows(
            "select position, sender, recipients, source from messages order by position"
        )
        return [_described(*row) for row in rows]

    def clear(self) -> None:
        """Forget all messages."""
        self._world.write("delete from messages")

    async def _bend(self, fault: Fault) -> str:
        if fault.fault in {"hang", "slow"}:
            await asyncio.sleep(fault.seconds)
        return _REFUSALS.get(fault.fault, "")

    def _store(self, envelope: Envelope) -> None:
        content = envelope.content or b""
        source = content.encode() if isinstance(content, str) else content
        self._world.write(
            "insert into messages (received_ms, sender, recipients, source) values (?, ?, ?, ?)",
            (self._world.now_ms, envelope.mail_from or "", ",".join(envelope.rcpt_tos), source),
        )


async def listen(sink: MailSink, host: str, port: int) -> asyncio.Server:
    """Start the SMTP server in the running loop, so that it shares the world's one connection."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, hostname="sandbox.example", enable_SMTPUTF8=True, loop=loop), host, port
    )
    sink.port = server.sockets[0].getsockname()[1]
    return server


def _described(position: int, sender: str, recipients: str, source: bytes) -> dict[str, Any]:
    message = email.message_from_bytes(source, policy=email.policy.default)
    body = message.get_body(("plain", "html")) if isinstance(message, EmailMessage) else None
    return {
        "id": position,
        "from": sender,
        "to": recipients.split(","),
        "subject": str(message["subject"] or ""),
        "message_id": str(message["message-id"] or ""),
        "headers": {key: str(value) for key, value in message.items()},
        "text": body.get_content() if body else "",
        "attachments": [
            {"name": part.get_filename(), "type": part.get_content_type()}
            for part in (message.iter_attachments() if isinstance(message, EmailMessage) else ())
        ],
    }
