"""Mail goes out with an id of ours, and its failures are told apart."""

from __future__ import annotations

import smtplib
import ssl
import uuid
from datetime import UTC, datetime

import pytest

from orchestration.resources.delivery import RefusedError, UnclearError, UnreachableError
from orchestration.resources.notifier import Attachment, MailAccess, Notifier

AT = datetime(2026, 6, 30, tzinfo=UTC)


@pytest.fixture
def notifier(sandbox):
    """A notifier on the sandbox's mail sink."""
    found = Notifier(MailAccess("127.0.0.1", sandbox.smtp_port, "financing@ifp.example"))
    yield found
    found.close()


def send(notifier, key, **more):
    return notifier.send(
        to="accounts@seller.example", subject="Paid", text="Text.", key=key, at=AT, **more
    )


def test_the_message_id_is_made_of_the_key(notifier, sandbox):
    key = uuid.uuid4().hex
    assert send(notifier, key) == f"<{key}@ifp.example>"
    kept = [m for m in sandbox.get("/admin/mail").json()["messages"] if key in m["message_id"]]
    assert [m["subject"] for m in kept] == ["Paid"]


def test_files_are_sent_along(notifier, sandbox):
    key = uuid.uuid4().hex
    send(notifier, key, attachments=(Attachment("report.pdf", "application/pdf", b"%PDF"),))
    (kept,) = [m for m in sandbox.get("/admin/mail").json()["messages"] if key in m["message_id"]]
    assert "report.pdf" in str(kept)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("403", RefusedError),
        ("429", UnreachableError),
        ("401", UnreachableError),
        ("malformed", UnclearError),
        ("truncated", UnreachableError),
    ],
)
def test_failures_are_told_apart_and_the_next_mail_goes_out(notifier, sandbox, fault, error):
    body = {"counterpart": "smtp", "fault": fault, "times": 1}
    assert sandbox.post("/admin/faults", body).status_code == 201
    with pytest.raises(error):
        send(notifier, uuid.uuid4().hex)
    assert send(notifier, uuid.uuid4().hex)


@pytest.mark.parametrize(("code", "error"), [(450, UnreachableError), (550, RefusedError)])
def test_a_recipient_is_given_up_only_when_the_server_says_for_good(
    notifier, monkeypatch, code, error
):
    """A server that lists unknown senders grey answers 450 first and takes the mail later."""

    def refuse(*_args, **_kwargs):
        raise smtplib.SMTPRecipientsRefused({"accounts@seller.example": (code, b"no")})

    monkeypatch.setattr(smtplib.SMTP, "send_message", refuse)
    with pytest.raises(error) as failure:
        send(notifier, "key")
    assert "accounts@" not in str(failure.value)
    assert failure.value.__suppress_context__


def test_an_encrypted_connection_checks_the_servers_certificate(sandbox, monkeypatch):
    seen = []
    monkeypatch.setattr(
        smtplib.SMTP, "starttls", lambda _self, *, context=None: seen.append(context)
    )
    encrypted = Notifier(
        MailAccess("127.0.0.1", sandbox.smtp_port, "financing@ifp.example", is_encrypted=True)
    )
    send(encrypted, uuid.uuid4().hex)
    encrypted.close()
    (context,) = seen
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_nobody_there_is_unreachable(free_port):
    absent = Notifier(MailAccess("127.0.0.1", free_port, "financing@ifp.example"), timeout=1)
    with pytest.raises(UnreachableError):
        send(absent, "key")
