"""Standard Webhooks signatures."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from apps.api.signatures import SignatureError, verify

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
KEY = b"a secret of the bank"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
BODY = b'{"type":"payment_order.updated"}'


def headers(body: bytes = BODY, at: datetime = NOW, key: bytes = KEY) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    digest = hmac.new(key, f"msg_1.{stamp}.".encode() + body, sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}


def test_a_good_signature_vouches_for_id_and_time():
    message = verify(headers(), BODY, secret=SECRET, now=NOW)
    assert (message.message_id, message.sent_at) == ("msg_1", NOW)


def test_one_of_several_signatures_is_enough():
    signed = headers()
    signed["webhook-signature"] = f"v1a,x v1,AAAA {signed['webhook-signature']}"
    assert verify(signed, BODY, secret=SECRET, now=NOW).message_id == "msg_1"


@pytest.mark.parametrize("off", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_an_old_or_future_message_is_refused(off: timedelta):
    with pytest.raises(SignatureError, match="clock"):
        verify(headers(), BODY, secret=SECRET, now=NOW + off)


@pytest.mark.parametrize(
    "spoil",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,not base64!"},
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 30},
    ],
)
def test_a_spoilt_header_is_refused(spoil: dict[str, str]):
    with pytest.raises(SignatureError):
        verify({**headers(), **spoil}, BODY, secret=SECRET, now=NOW)


def test_another_body_or_key_is_refused():
    with pytest.raises(SignatureError, match="no signature"):
        verify(headers(), BODY + b" ", secret=SECRET, now=NOW)
    with pytest.raises(SignatureError, match="no signature"):
        verify(headers(key=b"guessed"), BODY, secret=SECRET, now=NOW)
