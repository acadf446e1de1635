"""Admin endpoints: what tests and operators see and turn in the sandbox."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apps.sandbox.control.faults import Faults, UnknownFault
from apps.sandbox.control.limits import Limits, Quota
from apps.sandbox.control.records import UnknownRecord, change
from apps.sandbox.control.requests import Requests
from apps.sandbox.counterparts.answers import json_body, json_value
from apps.sandbox.counterparts.bank_orders import list_orders
from apps.sandbox.counterparts.mail import MailSink
from apps.sandbox.counterparts.webhooks import WebhookSink
from apps.sandbox.storage.world import World
from apps.sandbox.world.days import DAY_MS, parse_moment
from apps.sandbox.world.generation import CLOSED_IBAN, UNKNOWN_IBAN

PREFIX = "/admin"


@dataclass(frozen=True)
class Panel:
    """Everything the admin endpoints reach."""

    world: World
    faults: Faults
    requests: Requests
    mail: MailSink
    webhooks: WebhookSink
    credentials: dict[str, dict[str, str]]
    limits: dict[str, Limits]


class Admin:
    """Answers the admin endpoints in JSON; a wrong request gets 400 with the reason."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def routes(self) -> list[Route]:
        """Return the admin paths."""
        return [
            Route(f"{PREFIX}/world", self.world),
            Route(f"{PREFIX}/clock", self.clock, methods=["POST"]),
            Route(f"{PREFIX}/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route(f"{PREFIX}/limits", self.limits, methods=["GET", "POST"]),
            Route(f"{PREFIX}/records", self.records, methods=["POST"]),
            Route(f"{PREFIX}/mail", self.mail, methods=["GET", "DELETE"]),
            Route(PREFIX + "/webhooks/{name}", self.webhooks),
            Route(f"{PREFIX}/payment-orders", self.payment_orders),
            Route(f"{PREFIX}/requests", self.requests, methods=["GET", "DELETE"]),
        ]

    async def world(self, request: Request) -> Response:
        """Answer the clock, organisations, credentials and parameters."""
        panel = self._panel
        return json_value(
            {
                "now": panel.world.now,
                "smtp_port": panel.mail.port,
                "organisations": [
                    {
                        "xero_tenant_id": organisation.organisation_id,
                        "name": organisation.name,
                        "seller_number": organisation.number,
                        "base_currency": organisation.base_currency,
                        "country": organisation.country,
                        "tax_id": organisation.tax_id,
                        "collection_account_id": organisation.collection_account_id,
                        "payout_iban": organisation.payout_iban,
                    }
                    for organisation in panel.world.organisations
                ],
                "credentials": panel.credentials,
                "test_accounts": {"closed_iban": CLOSED_IBAN, "unknown_iban": UNKNOWN_IBAN},
                "parameters": panel.world.parameters,
            }
        )

    async def clock(self, request: Request) -> Response:
        """Move the clock to a moment or on by days, within what the world holds."""
        body = await json_body(request)
        world = self._panel.world
        try:
            moment = (
                world.now_ms + round(float(body["advance_days"]) * DAY_MS)
                if "advance_days" in body
                else parse_moment(str(body["now"]))
            )
        except (KeyError, ValueError):
            return json_value({"error": "give now as an ISO moment, or advance_days"}, 400)
        world.set_now(moment)
        return json_value({"now": world.now})

    async def faults(self, request: Request) -> Response:
        """Switch faults on, list them, or switch all off."""
        faults = self._panel.faults
        if request.method == "DELETE":
            return json_value({"cleared": faults.clear()})
        if request.method == "POST":
            try:
                return json_value(asdict(faults.add(await json_body(request))), 201)
            except (UnknownFault, ValueError) as error:
                return json_value({"error": str(error)}, 400)
        return json_value({"faults": faults.listing()})

    async def limits(self, request: Request) -> Response:
        """Read or set the request limits of a counterpart."""
        if request.method == "POST":
            for name, quota in (await json_body(request)).items():
                if name not in self._panel.limits:
                    return json_value({"error": f"{name} has no limits"}, 400)
                self._panel.limits[name].quota = Quota(**quota)
        return json_value({name: asdict(lim.quota) for name, lim in self._panel.limits.items()})

    async def records(self, request: Request) -> Response:
        """Change, delete, hide or restore one record."""
        try:
            return json_value(change(self._panel.world, await json_body(request)))
        except UnknownRecord as error:
            return json_value({"error": str(error)}, 404)

    async def mail(self, request: Request) -> Response:
        """List stored messages, or forget them."""
        if request.method == "DELETE":
            self._panel.mail.clear()
        return json_value({"messages": self._panel.mail.messages()})

    async def webhooks(self, request: Request) -> Response:
        """List what a webhook name received."""
        return json_value({"webhooks": self._panel.webhooks.received(request.path_params["name"])})

    async def payment_orders(self, request: Request) -> Response:
        """List payment orders as they stand, without moving them."""
        return json_value({"payment_orders": list_orders(self._panel.world)})

    async def requests(self, request: Request) -> Response:
        """List request counts, or start counting anew."""
        if request.method == "DELETE":
            self._panel.requests.clear()
        return json_value(self._panel.requests.listing(request.query_params.get("counterpart", "")))
