"""Starts the sandbox: one HTTP server for all counterparts, one SMTP server, on loopback.

```
request → gate (count, faults) → xero | dnb | bank | webhook sink | admin
SMTP    → mail sink
```
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from apps.sandbox.control.admin import Admin, Panel
from apps.sandbox.control.faults import Faults
from apps.sandbox.control.gate import Gate
from apps.sandbox.control.limits import Quota
from apps.sandbox.control.requests import Requests
from apps.sandbox.control.tokens import Tokens
from apps.sandbox.counterparts import bank, dnb, xero
from apps.sandbox.counterparts.bank_credit import BankCredit
from apps.sandbox.counterparts.bank_orders import BankOrders
from apps.sandbox.counterparts.mail import MailSink, listen
from apps.sandbox.counterparts.webhooks import Outbox, WebhookSink
from apps.sandbox.storage.world import World
from apps.sandbox.world.generation import ensure
from apps.sandbox.world.parameters import WorldParameters

HOST = "127.0.0.1"
_WEBHOOK_SECRET = "whsec_c2FuZGJveC13ZWJob29rLXNlY3JldA=="  # noqa: S105 - a stand-in's own


def _secret(counterpart: str) -> str:
    return f"sandbox-{counterpart}-secret"


CREDENTIALS: dict[str, dict[str, str]] = {
    "xero": {"client_id": "sandbox-xero", "client_secret": _secret("xero")},
    "dnb": {"key": "sandbox-dnb", "secret": _secret("dnb")},
    "bank": {
        "client_id": "sandbox-bank",
        "client_secret": _secret("bank"),
        "webhook_secret": _WEBHOOK_SECRET,
    },
}


@dataclass(frozen=True)
class Sandbox:
    """The application with the parts that live outside HTTP."""

    app: Gate
    world: World
    mail: MailSink


def assemble(path: Path, *, xero_quota: Quota | None = None) -> Sandbox:
    """Put the counterparts of a world file together."""
    world = World(path)
    faults, requests = Faults(), Requests()
    tokens = {
        "xero": Tokens("sandbox-xero", _secret("xero"), xero.TOKEN_SECONDS),
        "dnb": Tokens("sandbox-dnb", _secret("dnb"), dnb.TOKEN_SECONDS),
        "bank": Tokens("sandbox-bank", _secret("bank"), bank.TOKEN_SECONDS),
    }
    ledger = xero.Xero(world, tokens["xero"], xero_quota or Quota())
    accounts = bank.Bank(world, tokens["bank"], Quota(concurrent=50, per_minute=6000))
    outbox = Outbox(world, faults, _WEBHOOK_SECRET)
    mail, webhooks = MailSink(world, faults), WebhookSink(world)
    panel = Panel(
        world=world,
        faults=faults,
        requests=requests,
        mail=mail,
        webhooks=webhooks,
        credentials=CREDENTIALS,
        limits={"xero": ledger.limits, "bank": accounts.limits},
    )
    app = Starlette(
        routes=[
            *ledger.routes(),
            *dnb.Dnb(world, tokens["dnb"]).routes(),
            *accounts.routes(),
            *BankCredit(world, accounts, outbox).routes(),
            *BankOrders(world, accounts, outbox).routes(),
            *webhooks.routes(),
            *Admin(panel).routes(),
        ]
    )
    return Sandbox(Gate(app, faults, requests, tokens), world, mail)


def serve(
    parameters: WorldParameters, state: Path, *, port: int, smtp_port: int, xero_quota: Quota
) -> None:
    """Make or reuse the world in `state` and serve it until interrupted.

    Prints one JSON line with the addresses when both servers accept connections.
    """
    sandbox = assemble(ensure(parameters, state), xero_quota=xero_quota)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(sandbox, port, smtp_port))
    sandbox.world.close()


async def _serve(sandbox: Sandbox, port: int, smtp_port: int) -> None:
    mail = await listen(sandbox.mail, HOST, smtp_port)
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind((HOST, port))
    door.listen(256)
    config = uvicorn.Config(
        sandbox.app,
        log_level="critical",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    ready = {
        "event": "sandbox.ready",
        "base_url": f"http://{HOST}:{door.getsockname()[1]}",
        "smtp_port": mail.sockets[0].getsockname()[1],
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    try:
        await uvicorn.Server(config).serve(sockets=[door])
    finally:
        mail.close()
