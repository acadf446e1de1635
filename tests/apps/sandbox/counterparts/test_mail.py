"""The mail server keeps what is sent and goes wrong on demand."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import pytest


def _message(subject):
    message = EmailMessage()
    message["From"] = "funding@financier.example"
    message["To"] = "seller@company.example"
    message["Subject"] = subject
    message.set_content("Your invoice was approved.")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="a.pdf")
    return message


def _send(client, subject, timeout=10):
    with smtplib.SMTP("127.0.0.1", client.http.smtp_port, timeout=timeout) as smtp:
        smtp.send_message(_message(subject))


def _stored(client, subject):
    found = client.http.get("/admin/mail").json()["messages"]
    return [message for message in found if message["subject"] == subject]


def test_a_message_is_kept_with_text_and_attachments(client):
    _send(client, "Approved – 1")
    (message,) = _stored(client, "Approved – 1")
    assert message["to"] == ["seller@company.example"]
    assert message["text"].strip() == "Your invoice was approved."
    assert message["attachments"] == [{"name": "a.pdf", "type": "application/pdf"}]


@pytest.mark.parametrize(("kind", "code"), [("429", 451), ("500", 554), ("403", 550)])
def test_a_refused_message_is_not_kept(client, kind, code):
    client.fault("smtp", kind)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        _send(client, f"Refused {kind}")
    assert refused.value.smtp_code == code
    assert _stored(client, f"Refused {kind}") == []
    _send(client, f"Refused {kind}")
    assert len(_stored(client, f"Refused {kind}")) == 1


def test_a_doubled_message_is_kept_twice(client):
    client.fault("smtp", "duplicate")
    _send(client, "Twice")
    assert len(_stored(client, "Twice")) == 2


def test_a_hanging_server_lets_the_client_run_into_its_deadline(client):
    client.fault("smtp", "hang", seconds=5)
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        _send(client, "Late", timeout=1.5)


def test_messages_can_be_forgotten(client):
    _send(client, "Gone")
    client.http.delete("/admin/mail")
    assert client.http.get("/admin/mail").json()["messages"] == []
