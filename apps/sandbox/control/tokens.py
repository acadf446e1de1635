"""Access tokens of the counterparts: opaque, short-lived, revocable all at once."""

from __future__ import annotations

import base64
import binascii
import secrets
import time


class Tokens:
    """Issues and checks one counterpart's access tokens for one pair of client credentials."""

    def __init__(self, client_id: str, client_secret: str, lifetime_seconds: int) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.lifetime_seconds = lifetime_seconds
        self._valid: dict[str, float] = {}

    def issue(self) -> str:
        """Return a new token."""
        token = secrets.token_urlsafe(24)
        self._valid[token] = time.monotonic() + self.lifetime_seconds
        return token

    def is_valid(self, authorization: str) -> bool:
        """Tell whether an Authorization header carries a token that has not expired."""
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and self._valid.get(token, 0.0) > time.monotonic()

    def revoke_all(self) -> None:
        """Let every token expire now."""
        self._valid.clear()

    def knows_basic(self, authorization: str) -> bool:
        """Tell whether an Authorization header carries the client's id and secret."""
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            given = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        return self.knows(*given.partition(":")[::2])

    def knows(self, client_id: str, client_secret: str) -> bool:
        """Tell whether these are the client's credentials."""
        return secrets.compare_digest(
            f"{client_id}:{client_secret}", f"{self.client_id}:{self.client_secret}"
        )
