"""Standard Webhooks signatures: is this body what the holder of the secret sent, and is it recent?

`webhook-signature` carries space-separated `v1,<base64>` values, each the HMAC-SHA256 of
`{webhook-id}.{webhook-timestamp}.{body}`; several are sent while a secret is being changed. Source:
https://www.standardwebhooks.com.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

TOLERANCE = timedelta(minutes=5)
"""How far a message's clock may be from ours, as the standard recommends."""

_PREFIX = "whsec_"
_VERSION = "v1,"


class SignatureError(Exception):
    """A message is not shown to come from the holder of the secret, or is too old."""


@dataclass(frozen=True)
class SignedMessage:
    """What a good signature vouches for.

    Attributes:
        message_id: the sender's id, the same when a message is sent again.
        sent_at: the sender's clock.
    """

    message_id: str
    sent_at: datetime


def verify(headers: Mapping[str, str], body: bytes, *, secret: str, now: datetime) -> SignedMessage:
    """Check signature and timestamp of a message.

    Args:
        headers: lower-case names.
        body: the bytes as received.
        secret: the endpoint's secret, `whsec_` and base64.
        now: our clock.

    Raises:
        SignatureError: a header is missing, the clock is off, or no signature fits.
    """
    message_id = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    if not message_id or not (stamp.isascii() and stamp.isdigit()):
        raise SignatureError("webhook-id and webhook-timestamp are needed")
    try:
        sent_at = datetime.fromtimestamp(int(stamp), UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise SignatureError("webhook-timestamp is no time") from error
    if abs(now - sent_at) > TOLERANCE:
        raise SignatureError("webhook-timestamp is too far from our clock")
    expected = hmac.new(_key(secret), f"{message_id}.{stamp}.".encode() + body, sha256).digest()
    offered = headers.get("webhook-signature", "").split()
    if not any(_fits(one, expected) for one in offered):
        raise SignatureError("no signature fits this message")
    return SignedMessage(message_id, sent_at)


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise SignatureError("our own secret is not `whsec_` and base64") from error


def _fits(offered: str, expected: bytes) -> bool:
    if not offered.startswith(_VERSION):
        return False
    try:
        given = base64.b64decode(offered.removeprefix(_VERSION), validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(given, expected)
