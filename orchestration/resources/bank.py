"""The bank, as the party that is asked, instructed and questioned about what became of it.

Only this module sends anything to a bank. Reading statements is `ingestion.bank`: the opposite
direction and another risk. Every instruction carries an idempotency key, so that asking twice
moves money once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec

from orchestration.resources.delivery import RefusedError, UnclearError, UnreachableError

_NAME = "the bank"
_TOKEN_MARGIN_SECONDS = 30
_RETRY_AFTER_CAP = 60.0


@dataclass(frozen=True, slots=True)
class BankAccess:
    """Where the bank is and how we sign in.

    Attributes:
        base_url: Address that the paths of the bank's API are added to.
        client_id: Our name with the bank.
        client_secret: Our secret with the bank; never shown.
    """

    base_url: str
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        """Show the address only."""
        return f"BankAccess({self.base_url!r})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank said.

    Attributes:
        status: HTTP status.
        body: The parsed body.
        raw: The body's bytes as they came, kept as evidence.
    """

    status: int
    body: Mapping[str, Any]
    raw: bytes


class Bank:
    """A client for verification, credit decisions and payment orders; safe to share by threads.

    Args:
        access: Address and credentials.
        timeout: Seconds for one call.
    """

    def __init__(self, access: BankAccess, *, timeout: float = 10.0) -> None:
        self._access = access
        self._http = httpx.Client(
            base_url=access.base_url.rstrip("/"),
            timeout=timeout,
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=16),
            trust_env=False,
        )
        self._sign_in = threading.Lock()
        self._token = ""
        self._token_until = 0.0

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def verify_account(self, iban: str, name: str) -> Answer:
        """Ask whether an account belongs to a name; changes nothing at the bank."""
        return self._call("POST", "/v1/account-verifications", {"iban": iban, "name": name})

    def submit(self, request: Mapping[str, Any], *, key: str) -> Answer:
        """Ask the bank to fund an advance; the same key always gets the same answer."""
        return self._call("POST", "/v1/credit-decisions", request, key)

    def credit_decision(self, decision_id: str) -> Answer:
        """Ask what became of a request for funding."""
        return self._call("GET", f"/v1/credit-decisions/{decision_id}")

    def pay(self, order: Mapping[str, Any], *, key: str) -> Answer:
        """Instruct a payment; the same key always gets the same answer."""
        return self._call("POST", "/v1/payment-orders", order, key)

    def payment(self, order_id: str) -> Answer:
        """Ask what became of a payment order."""
        return self._call("GET", f"/v1/payment-orders/{order_id}")

    def payment_by_end_to_end_id(self, end_to_end_id: str) -> Mapping[str, Any] | None:
        """Find a payment order by our own id; ``None`` when the bank never took it.

        Only a list that can be read says so: an order that is merely not found is sent again.
        """
        answer = self._call("GET", f"/v1/payment-orders?end_to_end_id={end_to_end_id}")
        try:
            found = [row for row in answer.body["data"] if row["end_to_end_id"] == end_to_end_id]
        except (KeyError, TypeError) as error:
            raise UnreachableError(_NAME, "unreadable answer") from error
        return found[0] if found else None

    def payment_orders(self) -> list[Mapping[str, Any]]:
        """List every payment order the bank holds of ours, however many pages that takes."""
        found: list[Mapping[str, Any]] = []
        cursor: str | None = None
        while True:
            asked = "" if cursor is None else f"?{urlencode({'cursor': cursor})}"
            answer = self._call("GET", f"/v1/payment-orders{asked}")
            try:
                found += answer.body["data"]
                cursor = answer.body["next_cursor"]
            except (KeyError, TypeError) as error:
                raise UnreachableError(_NAME, "unreadable answer") from error
            if not cursor:
                return found

    def register_webhook(self, url: str, secret: str) -> None:
        """Have the bank tell an address what changes, signed with a secret; again replaces it."""
        self._call("POST", "/v1/webhook-endpoints", {"url": url, "secret": secret})

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> Answer:
        response = self._send(method, path, body, key)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self._forget(response.request.headers.get("Authorization", ""))
            response = self._send(method, path, body, key)
        return _understand(response, is_instruction=key is not None)

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, key: str | None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._bearer()}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            return self._http.request(method, path, json=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise UnreachableError(_NAME, type(error).__name__) from error
        except httpx.HTTPError as error:
            if key is not None:
                raise UnclearError(_NAME, type(error).__name__) from error
            raise UnreachableError(_NAME, type(error).__name__) from error

    def _bearer(self) -> str:
        with self._sign_in:
            if time.monotonic() >= self._token_until:
                self._token, lifetime = self._fetch_token()
                self._token_until = time.monotonic() + lifetime - _TOKEN_MARGIN_SECONDS
            return self._token

    def _fetch_token(self) -> tuple[str, float]:
        try:
            response = self._http.post(
                "/oauth2/token",
                data={"grant_type": "client_credentials"},
                auth=(self._access.client_id, self._access.client_secret),
            )
        except httpx.HTTPError as error:
            raise UnreachableError(_NAME, type(error).__name__) from error
        body = _understand(response, is_instruction=False).body
        try:
            return str(body["access_token"]), float(body.get("expires_in", 900))
        except (KeyError, TypeError, ValueError) as error:
            raise UnreachableError(_NAME, "unreadable token") from error

    def _forget(self, authorization: str) -> None:
        with self._sign_in:
            if authorization == f"Bearer {self._token}":
                self._token_until = 0.0


def _understand(response: httpx.Response, *, is_instruction: bool) -> Answer:
    status = response.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise UnreachableError(_NAME, "429", _retry_after(response))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        if is_instruction:
            raise UnclearError(_NAME, str(status))
        raise UnreachableError(_NAME, str(status))
    body = _decoded(response.content)
    if status >= HTTPStatus.BAD_REQUEST:
        raise RefusedError(_NAME, status, _error_code(body))
    if not isinstance(body, dict):
        if is_instruction:
            raise UnclearError(_NAME, "unreadable answer")
        raise UnreachableError(_NAME, "unreadable answer")
    return Answer(status, body, response.content)


def _decoded(content: bytes) -> object:
    """Read JSON; what is none has no meaning and is no mapping either."""
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        return None


def _error_code(body: object) -> str:
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        return str(body["error"].get("code", "unknown"))
    return "unknown"


def _retry_after(response: httpx.Response) -> float:
    try:
        return min(float(response.headers.get("Retry-After", "1")), _RETRY_AFTER_CAP)
    except ValueError:
        return 1.0
