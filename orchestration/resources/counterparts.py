"""Who is out there: addresses and credentials of every counterpart, and the organisations we read.

In the dev and staging profiles the sandbox tells all of it; otherwise settings name the
counterparts and the ledger's connections name the organisations. Whatever the profile, the rest
of the platform sees only this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from orchestration.places import Places
from orchestration.resources import sandbox
from orchestration.resources.bank import BankAccess
from orchestration.resources.notifier import MailAccess
from orchestration.settings import DEMO_MAIL_TO, Settings

DEMO_TENANTS = ("alder", "birch")
_TINY_WORLD = {"sandbox_sellers": 1, "sandbox_debtors": 10, "sandbox_invoices": 60}


@dataclass(frozen=True, slots=True)
class Organisation:
    """A seller as it has to be known to read its books and to pay it.

    Attributes:
        tenant_id: The financier.
        connection_id: Our id of the connection to its ledger system.
        name: Legal name; the name its account must belong to.
        xero_tenant_id: The ledger system's own id.
        base_currency: ISO 4217.
        country: ISO 3166 alpha-2.
        tax_id: As registered, may be empty.
        payout_iban: Where advances are paid to.
        collection_account_id: The bank account on which its debtors pay.
        mail: Where notices go.
    """

    tenant_id: str
    connection_id: str
    name: str
    xero_tenant_id: str
    base_currency: str
    country: str
    tax_id: str
    payout_iban: str = field(repr=False)
    collection_account_id: str
    mail: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """A vendor whose books are read.

    Attributes:
        base_url: Root of its API.
        token_url: Where tokens come from.
        credentials: Named secrets of our app with it.
    """

    base_url: str
    token_url: str
    credentials: Mapping[str, SecretStr] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Counterparts:
    """Everyone the platform speaks to.

    Attributes:
        sources: By system: ``xero``, ``dnb``, ``bank``.
        bank: The bank as it is instructed.
        mail: The way mail goes out.
        mail_to: Who gets the monthly report.
        mail_to_tenants: Who gets it instead for single tenants.
        organisations: Sellers whose books are read.
        now: The sandbox's time; ``None`` outside a sandbox.
        sandbox: Where the sandbox is, when there is one.
    """

    sources: Mapping[str, Source]
    bank: BankAccess
    mail: MailAccess
    mail_to: str
    organisations: tuple[Organisation, ...]
    now: datetime | None = None
    sandbox: sandbox.SandboxAddress | None = None
    mail_to_tenants: Mapping[str, str] = field(default_factory=dict)

    def report_to(self, tenant_id: str) -> str:
        """Say who gets a tenant's monthly report."""
        return self.mail_to_tenants.get(tenant_id, self.mail_to)


@contextmanager
def known(
    settings: Settings, where: Places, *, is_bank_only: bool = False
) -> Iterator[Counterparts]:
    """Find out who is out there; runs a sandbox for the block when the profile needs one.

    Args:
        settings: What the environment said.
        where: Places of the run.
        is_bank_only: The sandbox is needed as bank and mail sink only: a tiny world will do.
    """
    if not settings.uses_sandbox:
        yield from_settings(settings)
        return
    state = where.sandbox
    if is_bank_only and not settings.sandbox_url:
        settings = settings.model_copy(update=_TINY_WORLD)
        state = where.var / "sandbox-bank"
    with sandbox.reachable(settings, state) as address:
        yield from_world(settings, address, sandbox.read_world(address.base_url))


def from_settings(settings: Settings) -> Counterparts:
    """Read counterparts from settings; organisations come from the ledger's connections."""
    xero, dnb, bank = settings.xero_url or "", settings.dnb_url or "", settings.bank_url or ""
    return Counterparts(
        sources={
            "xero": Source(
                xero,
                "https://identity.xero.com/connect/token",
                _pair(settings.xero_client_id, settings.xero_client_secret),
            ),
            "dnb": Source(dnb, f"{dnb}/v3/token", _pair(settings.dnb_key, settings.dnb_secret)),
            "bank": Source(
                bank,
                f"{bank}/oauth2/token",
                _pair(settings.bank_client_id, settings.bank_client_secret),
            ),
        },
        bank=BankAccess(
            bank, settings.bank_client_id or "", _plain(settings.bank_client_secret) or ""
        ),
        mail=_mail(settings, settings.smtp_host or "", settings.smtp_port),
        mail_to=settings.mail_to or DEMO_MAIL_TO,
        mail_to_tenants=settings.mail_to_tenants,
        organisations=(),
    )


def from_world(
    settings: Settings, address: sandbox.SandboxAddress, world: Mapping[str, Any]
) -> Counterparts:
    """Read counterparts from what a sandbox says about its world."""
    url, credentials = address.base_url, world["credentials"]
    bank = credentials["bank"]
    return Counterparts(
        sources={
            "xero": Source(
                f"{url}/xero", f"{url}/xero/connect/token", _secrets(credentials["xero"])
            ),
            "dnb": Source(f"{url}/dnb", f"{url}/dnb/v3/token", _secrets(credentials["dnb"])),
            "bank": Source(f"{url}/bank", f"{url}/bank/oauth2/token", _secrets(bank)),
        },
        bank=BankAccess(f"{url}/bank", str(bank["client_id"]), str(bank["client_secret"])),
        mail=_mail(
            settings, settings.smtp_host or address.host, address.smtp_port or settings.smtp_port
        ),
        mail_to=settings.mail_to or DEMO_MAIL_TO,
        mail_to_tenants=settings.mail_to_tenants,
        organisations=tuple(_organisations(world["organisations"])),
        now=datetime.fromisoformat(str(world["now"])).astimezone(UTC),
        sandbox=address,
    )


def demo_tenant(seller_number: int, sellers: int) -> str:
    """Say whose book a sandbox seller is in: the first three quarters are the first tenant's."""
    first = max(1, sellers * 3 // 4)
    return DEMO_TENANTS[0] if seller_number <= first else DEMO_TENANTS[1]


def _organisations(rows: list[Mapping[str, Any]]) -> Iterator[Organisation]:
    for row in rows:
        number = int(row["seller_number"])
        tenant_id = demo_tenant(number, len(rows))
        yield Organisation(
            tenant_id=tenant_id,
            connection_id=f"xero-{number:03d}",
            name=str(row["name"]),
            xero_tenant_id=str(row["xero_tenant_id"]),
            base_currency=str(row["base_currency"]),
            country=str(row["country"]),
            tax_id=str(row["tax_id"] or ""),
            payout_iban=str(row["payout_iban"]),
            collection_account_id=str(row["collection_account_id"]),
            mail=f"accounts@seller-{number:03d}.example",
        )


def _mail(settings: Settings, host: str, port: int) -> MailAccess:
    return MailAccess(
        host=host,
        port=port,
        sender=settings.mail_from,
        is_encrypted=settings.smtp_tls,
        username=settings.smtp_username,
        password=_plain(settings.smtp_password),
    )


def _pair(name: str | None, secret: SecretStr | None) -> dict[str, SecretStr]:
    return {
        "client_id": SecretStr(name or ""),
        "client_secret": SecretStr(_plain(secret) or ""),
    }


def _secrets(values: Mapping[str, Any]) -> dict[str, SecretStr]:
    return {name: SecretStr(str(value)) for name, value in values.items()}


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
