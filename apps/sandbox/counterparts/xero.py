"""The ledger software: Accounting API 2.0 with its token call, tenants, paging, limits and errors.

Answers are records of the world as of the sandbox clock, joined as text; forms follow
https://developer.xero.com/documentation/api/accounting/ and the published OpenAPI description.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apps.sandbox.control.limits import Limits, Quota, Standing
from apps.sandbox.control.tokens import Tokens
from apps.sandbox.counterparts.answers import (
    json_text,
    json_value,
    vendor_error,
    xero_validation,
    xml_of,
)
from apps.sandbox.counterparts.xero_query import Query, QueryError, build
from apps.sandbox.storage.schema import (
    CONTACTS,
    CREDIT_NOTES,
    INVOICES,
    PAYMENTS,
    PURCHASE_ORDERS,
)
from apps.sandbox.storage.world import Organisation, World

PREFIX = "/xero"
TOKEN_SECONDS = 1800
MAX_PAGE_SIZE = 1000
_API = f"{PREFIX}/api.xro/2.0"
_ENTITIES = {
    "Invoices": INVOICES,
    "Contacts": CONTACTS,
    "CreditNotes": CREDIT_NOTES,
    "Payments": PAYMENTS,
    "PurchaseOrders": PURCHASE_ORDERS,
}
_LINES = re.compile(r'"LineItems":\[\{.*?\}\],"SubTotal"')
_PAYMENTS = re.compile(r'"Payments":\[\{.*?\}\],"CreditNotes"')


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for; number 0 means the whole list without line items."""

    number: int
    size: int

    @property
    def is_whole(self) -> bool:
        """Tell whether the list is asked for without paging."""
        return self.number == 0


class Xero:
    """Serves every organisation of a world to one client."""

    def __init__(self, world: World, tokens: Tokens, quota: Quota) -> None:
        self._world = world
        self.tokens = tokens
        self.limits = Limits(quota)

    def routes(self) -> list[Route]:
        """Return the paths this counterpart answers."""
        return [
            Route(f"{PREFIX}/connect/token", self.token, methods=["POST"]),
            Route(f"{PREFIX}/connections", self.connections),
            Route(f"{_API}/Organisation", self.organisation),
            Route(f"{_API}/Organisations", self.organisation),
            Route(_API + "/{entity}", self.list_records),
            Route(_API + "/{entity}/{record_id}", self.one_record),
        ]

    async def token(self, request: Request) -> Response:
        """Answer client_credentials and refresh_token grants with Basic or form credentials."""
        form = await request.form()
        known = self.tokens.knows_basic(request.headers.get("authorization", ""))
        client = (str(form.get("client_id", "")), str(form.get("client_secret", "")))
        if not known and not self.tokens.knows(*client):
            return json_value({"error": "invalid_client"}, 400)
        if form.get("grant_type") not in {"client_credentials", "refresh_token"}:
            return json_value({"error": "unsupported_grant_type"}, 400)
        answer = {
            "access_token": self.tokens.issue(),
            "expires_in": self.tokens.lifetime_seconds,
            "token_type": "Bearer",
            "scope": str(form.get("scope") or "accounting.transactions.read"),
        }
        if form.get("grant_type") == "refresh_token":
            answer["refresh_token"] = str(uuid4())
        return json_value(answer)

    async def connections(self, request: Request) -> Response:
        """List the organisations the client may read."""
        if not self.tokens.is_valid(request.headers.get("authorization", "")):
            return vendor_error("xero", 401, "AuthenticationUnsuccessful")
        return json_value(
            [
                {
                    "id": organisation.organisation_id[::-1],
                    "authEventId": organisation.organisation_id,
                    "tenantId": organisation.organisation_id,
                    "tenantType": "ORGANISATION",
                    "tenantName": organisation.name,
                    "createdDateUtc": "2024-01-15T09:00:00.0000000",
                    "updatedDateUtc": "2024-01-15T09:00:00.0000000",
                }
                for organisation in self._world.organisations
            ]
        )

    async def organisation(self, request: Request) -> Response:
        """Answer the organisation itself."""
        found, standing = self._admit(request)
        if isinstance(found, Response):
            return found
        try:
            return self._finish(request, "Organisations", found.payload, "", standing)
        finally:
            self.limits.leave(found.organisation_id)

    async def list_records(self, request: Request) -> Response:
        """Answer a list: filtered, ordered, paged, without line items when unpaged."""
        found, standing = self._admit(request)
        if isinstance(found, Response):
            return found
        try:
            entity = request.path_params["entity"]
            if entity not in _ENTITIES:
                return vendor_error("xero", 404, "The resource you're looking for cannot be found")
            return self._list(request, found, entity, standing)
        except QueryError as error:
            return xero_validation(str(error), "QueryParseException", 16)
        finally:
            self.limits.leave(found.organisation_id)

    async def one_record(self, request: Request) -> Response:
        """Answer one record by its id or number, in full."""
        found, standing = self._admit(request)
        if isinstance(found, Response):
            return found
        try:
            entity, wanted = request.path_params["entity"], request.path_params["record_id"]
            now = self._world.now_ms
            row = self._world.row(
                "select payload from records where organisation = ? and entity = ? "
                "and updated_ms <= ? and superseded_ms > ? and (record_id = ? or number = ?)",
                (found.number, _ENTITIES.get(entity, -1), now, now, wanted, wanted),
            )
            if row is None:
                return vendor_error("xero", 404, "The resource you're looking for cannot be found")
            return self._finish(request, entity, row[0], "", standing)
        finally:
            self.limits.leave(found.organisation_id)

    def _list(
        self, request: Request, organisation: Organisation, entity: str, standing: Standing
    ) -> Response:
        query = build(request.query_params, request.headers.get("if-modified-since", ""))
        if entity == "Contacts" and request.query_params.get("includeArchived") != "true":
            query.add("status <> 'ARCHIVED'")
        page = _page(request)
        condition, values = self._visible(organisation, entity, query)
        pagination = ""
        limits = ""
        if not page.is_whole:
            items = self._world.count("records", condition, values)
            pages = -(-items // page.size)
            pagination = (
                f'"pagination":{{"page":{page.number},"pageSize":{page.size},'
                f'"pageCount":{pages},"itemCount":{items}}},'
            )
            limits = f" limit {page.size} offset {(page.number - 1) * page.size}"
        rows = self._world.rows(
            f"select payload from records where {condition} order by {query.order}{limits}",  # noqa: S608 - columns are ours, values are bound
            values,
        )
        text = ",".join([row[0] for row in rows])
        if page.is_whole or request.query_params.get("summaryOnly") == "true":
            text = _LINES.sub('"LineItems":[],"SubTotal"', text)
        if request.query_params.get("summaryOnly") == "true":
            text = _PAYMENTS.sub('"Payments":[],"CreditNotes"', text)
        return self._finish(request, entity, text, pagination, standing)

    def _visible(
        self, organisation: Organisation, entity: str, query: Query
    ) -> tuple[str, list[object]]:
        now = self._world.now_ms
        condition = "organisation = ? and entity = ? and updated_ms <= ? and superseded_ms > ?"
        if query.conditions:
            condition = f"{condition} and {query.condition}"
        return condition, [organisation.number, _ENTITIES[entity], now, now, *query.values]

    def _admit(self, request: Request) -> tuple[Organisation | Response, Standing]:
        """Check token, tenant and limits; return the organisation or the refusal."""
        nothing = Standing(0, 0)
        if not self.tokens.is_valid(request.headers.get("authorization", "")):
            return vendor_error("xero", 401, "AuthenticationUnsuccessful"), nothing
        found = self._world.organisation(request.headers.get("xero-tenant-id", ""))
        if found is None:
            return vendor_error("xero", 403, "AuthenticationUnsuccessful"), nothing
        standing = self.limits.enter(found.organisation_id, time.time())
        if standing.problem:
            headers = {
                **limit_headers(standing),
                "Retry-After": str(standing.retry_after),
                "X-Rate-Limit-Problem": standing.problem,
            }
            return vendor_error("xero", 429, "Rate limit exceeded", headers), standing
        return found, standing

    def _finish(
        self, request: Request, entity: str, records: str, pagination: str, standing: Standing
    ) -> Response:
        text = (
            f'{{"Id":"{uuid4()}","Status":"OK","ProviderName":"Invoice Finance",'
            f'"DateTimeUTC":"/Date({self._world.now_ms})/",{pagination}"{entity}":[{records}]}}'
        )
        headers = limit_headers(standing)
        if "json" not in request.headers.get("accept", ""):
            body = xml_of("Response", json.loads(text))
            return Response(body, headers=headers, media_type="text/xml; charset=utf-8")
        return json_text(text, headers=headers)


def limit_headers(standing: Standing) -> dict[str, str]:
    """Return the headers that tell a client how much it may still ask."""
    return {
        "X-MinLimit-Remaining": str(standing.minute_left),
        "X-DayLimit-Remaining": str(standing.day_left),
        "X-AppMinLimit-Remaining": str(10_000 - 1),
    }


def _page(request: Request) -> Page:
    given = request.query_params
    if "page" not in given:
        return Page(0, 0)
    try:
        page = Page(int(given["page"]), int(given.get("pageSize", 100)))
    except ValueError as error:
        raise QueryError("page and pageSize are whole numbers") from error
    if page.number < 1 or not 1 <= page.size <= MAX_PAGE_SIZE:
        raise QueryError(f"page starts at 1 and pageSize lies between 1 and {MAX_PAGE_SIZE}")
    return page
