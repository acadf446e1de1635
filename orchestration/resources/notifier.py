"""The notifier: mail out by SMTP, each with an id of ours so that a repeat is recognised.

SMTP knows no idempotency key; the message id is derived from ours, and mail systems drop a second
message with the same one. Connections are kept open for the life of the notifier.
"""

from __future__ import annotations

import smtplib
import ssl
import threading
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from orchestration.resources.delivery import (
    DeliveryError,
    RefusedError,
    UnclearError,
    UnreachableError,
)

_NAME = "the mail server"
_TRANSIENT, _PERMANENT, _BEYOND = 400, 500, 600
_ABOUT_US = frozenset({530, 534, 535, 538})
"""Replies about how we sign in (RFC 4954): they say nothing against the mail."""


@dataclass(frozen=True, slots=True)
class MailAccess:
    """Where mail goes out.

    Attributes:
        host: Mail server.
        port: Its port.
        sender: The address mail comes from.
        is_encrypted: Whether to start TLS.
        username: Account, when the server asks for one.
        password: Its password; never shown.
    """

    host: str
    port: int
    sender: str
    is_encrypted: bool = False
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Show the server only."""
        return f"MailAccess({self.host}:{self.port})"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file sent along.

    Attributes:
        name: File name the reader sees.
        media_type: For example ``application/pdf``.
        content: The bytes.
    """

    name: str
    media_type: str
    content: bytes


class Notifier:
    """Sends mail; safe to share by threads, which then take turns."""

    def __init__(self, access: MailAccess, *, timeout: float = 10.0) -> None:
        self._access = access
        self._timeout = timeout
        self._turn = threading.Lock()
        self._server: smtplib.SMTP | None = None

    def send(
        self,
        *,
        to: str,
        subject: str,
        text: str,
        key: str,
        at: datetime,
        attachments: tuple[Attachment, ...] = (),
    ) -> str:
        """Send one mail and return its message id.

        Args:
            to: Recipient.
            subject: One line.
            text: Plain text.
            key: Idempotency key; the message id is made of it.
            at: The date the mail bears.
            attachments: Files sent along.

        Raises:
            RefusedError: The server will never take this mail.
            UnreachableError: The server did not take it now.
            UnclearError: The connection broke while the server was taking it.
        """
        message = EmailMessage()
        message["From"] = self._access.sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{key}@{self._access.sender.rpartition('@')[2]}>"
        message.set_content(text)
        for item in attachments:
            main, _, sub = item.media_type.partition("/")
            message.add_attachment(item.content, maintype=main, subtype=sub, filename=item.name)
        with self._turn:
            self._deliver(message)
        return str(message["Message-ID"])

    def close(self) -> None:
        """Say goodbye to the server."""
        with self._turn:
            self._drop()

    def _deliver(self, message: EmailMessage) -> None:
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise UnreachableError(_NAME, type(error).__name__) from error
        try:
            server.send_message(message)
        except smtplib.SMTPResponseException as error:
            self._drop()
            raise _failure(error.smtp_code, "rejected") from error
        except smtplib.SMTPRecipientsRefused as error:
            self._drop()
            code = max(code for code, _ in error.recipients.values())
            raise _failure(code, "recipient") from None
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise UnclearError(_NAME, type(error).__name__) from error

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            server = smtplib.SMTP(
                self._access.host,
                self._access.port,
                local_hostname="localhost",
                timeout=self._timeout,
            )
            if self._access.is_encrypted:
                server.starttls(context=ssl.create_default_context())
            if self._access.username and self._access.password:
                server.login(self._access.username, self._access.password)
            self._server = server
        return self._server

    def _drop(self) -> None:
        if self._server is not None:
            try:
                self._server.close()
            finally:
                self._server = None


def _failure(code: int, what: str) -> DeliveryError:
    """Say what a reply means; one that is none of the known leaves open what became of the mail."""
    if not _TRANSIENT <= code < _BEYOND:
        return UnclearError(_NAME, f"reply {code}")
    if code < _PERMANENT or code in _ABOUT_US:
        return UnreachableError(_NAME, str(code))
    return RefusedError(_NAME, code, what)
