"""The bank's reading side: token, accounts, balances, transactions and account verification.

Amounts are integers in minor units beside a currency; lists are paged by an opaque cursor.
"""

from __future__ import annotations

import base64
import difflib
import re
import time
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apps.sandbox.control.limits import Limits, Quota
from apps.sandbox.control.tokens import Tokens
from apps.sandbox.counterparts.answers import json_body, json_text, json_value, vendor_error
from apps.sandbox.storage.world import World
from apps.sandbox.world.days import parse_moment

PREFIX = "/bank"
TOKEN_SECONDS = 900
MAX_LIMIT = 1000
_KEY = "bank"
_PARTIAL, _SAME = 0.6, 0.9


class Bank:
    """Serves the accounts of a world; `BankOrders` adds what a client may ask the bank to do."""

    def __init__(self, world: World, tokens: Tokens, quota: Quota) -> None:
        self._world = world
        self.tokens = tokens
        self.limits = Limits(quota)

    def routes(self) -> list[Route]:
        """Return the paths this counterpart answers."""
        v1 = f"{PREFIX}/v1"
        return [
            Route(f"{PREFIX}/oauth2/token", self.token, methods=["POST"]),
            Route(f"{v1}/accounts", self.accounts),
            Route(v1 + "/accounts/{account_id}/balances", self.balances),
            Route(v1 + "/accounts/{account_id}/transactions", self.transactions),
            Route(f"{v1}/account-verifications", self.verify_account, methods=["POST"]),
        ]

    async def token(self, request: Request) -> Response:
        """Answer the client credentials grant with Basic credentials."""
        if not self.tokens.knows_basic(request.headers.get("authorization", "")):
            return vendor_error("bank", 401, "unknown client")
        if b"client_credentials" not in await request.body():
            return vendor_error("bank", 400, "grant_type must be client_credentials")
        return json_value(
            {
                "access_token": self.tokens.issue(),
                "token_type": "Bearer",
                "expires_in": self.tokens.lifetime_seconds,
            }
        )

    async def accounts(self, request: Request) -> Response:
        """List accounts by id."""
        refused = self.refusal(request)
        if refused:
            return refused
        limit, after = _paging(request)
        rows = self._world.rows(
            "select account_id, payload from accounts where account_id > ? "
            "order by account_id limit ?",
            (after, limit + 1),
        )
        return self._page([row[1] for row in rows], [row[0] for row in rows], limit)

    async def balances(self, request: Request) -> Response:
        """Answer the booked balance of an account."""
        refused = self.refusal(request)
        if refused:
            return refused
        account_id = request.path_params["account_id"]
        account = self._world.row(
            "select currency from accounts where account_id = ?", (account_id,)
        )
        if account is None:
            return vendor_error("bank", 404, f"no account {account_id}")
        row = self._world.row(
            "select balance_after from transactions where account_id = ? and created_ms <= ? "
            "order by created_ms desc, rowid desc limit 1",
            (account_id, self._world.now_ms),
        )
        balance = {
            "account_id": account_id,
            "type": "booked",
            "amount_minor": row[0] if row else 0,
            "currency": account[0],
            "as_of": self._world.now,
        }
        return json_value({"data": [balance], "next_cursor": None})

    async def transactions(self, request: Request) -> Response:
        """List an account's transactions in order of booking."""
        refused = self.refusal(request)
        if refused:
            return refused
        account_id = request.path_params["account_id"]
        if not self._world.row("select 1 from accounts where account_id = ?", (account_id,)):
            return vendor_error("bank", 404, f"no account {account_id}")
        limit, after = _paging(request)
        created_ms, rowid = (int(part) for part in (after or "0:0").split(":"))
        try:
            since = parse_moment(request.query_params.get("from") or "1970-01-01")
        except ValueError:
            return vendor_error("bank", 400, "from must be YYYY-MM-DD")
        rows = self._world.rows(
            "select payload, created_ms, rowid from transactions "
            "where account_id = ? and created_ms >= ? and created_ms <= ? "
            "and (created_ms, rowid) > (?, ?) order by created_ms, rowid limit ?",
            (account_id, since, self._world.now_ms, created_ms, rowid, limit + 1),
        )
        return self._page([row[0] for row in rows], [f"{row[1]}:{row[2]}" for row in rows], limit)

    async def verify_account(self, request: Request) -> Response:
        """Compare an account's owner with a name: match, partial_match or no_match."""
        refused = self.refusal(request)
        if refused:
            return refused
        body = await json_body(request)
        if not body.get("iban") or not body.get("name"):
            return vendor_error("bank", 422, "iban and name are needed")
        owner = owner_of(self._world, body["iban"])
        if owner is None or owner[1] != "open":
            return json_value({"id": str(uuid4()), "result": "no_match", "matched_name": None}, 201)
        likeness = difflib.SequenceMatcher(None, _plain(body["name"]), _plain(owner[0])).ratio()
        result = (
            "match"
            if likeness >= _SAME
            else "partial_match"
            if likeness >= _PARTIAL
            else "no_match"
        )
        return json_value(
            {
                "id": str(uuid4()),
                "result": result,
                "matched_name": owner[0] if result != "no_match" else None,
            },
            201,
        )

    def refusal(self, request: Request) -> Response | None:
        """Return why a request is not served, or none."""
        if not self.tokens.is_valid(request.headers.get("authorization", "")):
            return vendor_error("bank", 401, "the access token is missing, unknown or expired")
        standing = self.limits.enter(_KEY, time.time())
        if standing.problem:
            headers = {"Retry-After": str(standing.retry_after), "X-RateLimit-Remaining": "0"}
            return vendor_error("bank", 429, "too many requests", headers)
        self.limits.leave(_KEY)
        return None

    def _page(self, payloads: list[str], cursors: list[str], limit: int) -> Response:
        more = len(payloads) > limit
        cursor = f'"{_hidden(cursors[limit - 1])}"' if more else "null"
        return json_text(f'{{"data":[{",".join(payloads[:limit])}],"next_cursor":{cursor}}}')


def owner_of(world: World, iban: str) -> tuple[str, str] | None:
    """Return (name, status) of an account's owner; spaces in the number do not matter."""
    plain = iban.replace(" ", "").upper()
    row = world.row("select name, status from account_owners where iban = ?", (plain,))
    return (row[0], row[1]) if row else None


def _paging(request: Request) -> tuple[int, str]:
    given = request.query_params
    limit = given.get("limit", "100")
    size = min(MAX_LIMIT, max(1, int(limit))) if limit.isdigit() else 100
    cursor = given.get("cursor", "")
    return size, base64.urlsafe_b64decode(cursor.encode()).decode() if cursor else ""


def _hidden(cursor: str) -> str:
    return base64.urlsafe_b64encode(cursor.encode()).decode()


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())
