"""Tokens: OAuth 2 with Basic client credentials, and refresh tokens that rotate.

A token is renewed a margin before it expires and once when the source answers 401. Connections
with the same client share one token (bureaus throttle the token call). A rotated refresh token
is handed over for keeping *before* the access token is used: the old one is dead by then.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

import httpx
import msgspec

from ingestion.connection import Connection
from ingestion.failures import RateLimited, SourceError, Unauthorised, Unreachable
from ingestion.pacing import Limits, retry_after

MARGIN_SECONDS = 60.0
_UNKNOWN_LIFETIME = 600.0


class _Grant(msgspec.Struct):
    """A token answer; D&B writes ``expiresIn``."""

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    expires_in: float | None = None
    expiresIn: float | None = None  # noqa: N815 - the vendor's spelling
    refresh_token: str | None = None

    @property
    def lifetime(self) -> float:
        return self.expires_in or self.expiresIn or _UNKNOWN_LIFETIME


@dataclass
class Authoriser:
    """Holds the token of one client at one token address."""

    connection: Connection
    client: httpx.Client
    clock: Callable[[], float] = time.monotonic
    _token: str = field(default="", repr=False)
    _expires_at: float = 0.0
    _refresh_token: str = field(default="", repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def key(self) -> tuple[str, ...]:
        """What connections have in common that can share this token."""
        credentials = self.connection.credentials
        return (
            self.connection.token_url,
            str(self.connection.options.get("scopes", "")),
            *(f"{name}={credentials[name].get_secret_value()}" for name in sorted(credentials)),
        )

    def token(self) -> str:
        """Return a token that is good for at least the margin, fetching one when needed.

        Raises:
            Unauthorised: The client was refused.
            RateLimited: The token address wants to be asked less often.
            Unreachable: The token address gave no usable answer.
        """
        with self._lock:
            if not self._token or self.clock() >= self._expires_at:
                self._fetch()
            return self._token

    def discard(self, token: str) -> None:
        """Forget ``token`` after a 401, unless another thread has renewed it already."""
        with self._lock:
            if self._token == token:
                self._token = ""

    def _fetch(self) -> None:
        connection = self.connection
        try:
            pair = (
                connection.secret("client_id", "key"),
                connection.secret("client_secret", "secret"),
            )
        except KeyError as error:
            raise self._failure(Unauthorised, str(error.args[0])) from error
        limits = Limits.of(connection.options)
        try:
            answer = self.client.post(
                connection.token_url, data=self._form(), auth=pair, timeout=limits.timeout_seconds
            )
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._failure(Unreachable, type(error).__name__) from error
        self._accept(answer, limits)
        try:
            grant = msgspec.json.decode(answer.content, type=_Grant)
        except msgspec.DecodeError as error:
            raise self._failure(Unreachable, "the token answer cannot be read.") from error
        self._keep(grant)

    def _accept(self, answer: httpx.Response, limits: Limits) -> None:
        status = answer.status_code
        if status in {400, 401, 403}:
            raise self._failure(Unauthorised, "the token call was refused.", status)
        if status == httpx.codes.TOO_MANY_REQUESTS:
            wait = retry_after(answer.headers.get("Retry-After", ""))
            raise RateLimited(
                self.connection.connection_id,
                self._endpoint,
                "no token was given yet.",
                status,
                wait,
                is_quota=wait > limits.longest_wait_seconds,
            )
        if status != httpx.codes.OK:
            raise self._failure(Unreachable, "no token was given.", status)

    def _form(self) -> dict[str, str]:
        if "refresh_token" in self.connection.credentials:
            known = self._refresh_token or self.connection.secret("refresh_token")
            return {"grant_type": "refresh_token", "refresh_token": known}
        form = {"grant_type": "client_credentials"}
        if scopes := self.connection.options.get("scopes"):
            form["scope"] = str(scopes)
        return form

    def _keep(self, grant: _Grant) -> None:
        if grant.refresh_token and "refresh_token" in self.connection.credentials:
            self._refresh_token = grant.refresh_token
            if self.connection.on_refresh_token is not None:
                self.connection.on_refresh_token(grant.refresh_token)
        self._token = grant.access_token
        margin = min(MARGIN_SECONDS, grant.lifetime / 2)
        self._expires_at = self.clock() + grant.lifetime - margin

    def _failure(
        self, kind: type[SourceError], detail: str, status: int | None = None
    ) -> SourceError:
        return kind(self.connection.connection_id, self._endpoint, detail, status)

    @property
    def _endpoint(self) -> str:
        return f"POST {httpx.URL(self.connection.token_url).path}"
