"""Makes a world: draws the parties, trades every seller through its days, and writes one file."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from apps.sandbox.storage.writer import WorldWriter
from apps.sandbox.world.days import day_ms
from apps.sandbox.world.parameters import WorldParameters
from apps.sandbox.world.parties import Debtor, Seller, draw_debtors, draw_sellers
from apps.sandbox.world.receipts import account_of
from apps.sandbox.world.seller_books import SellerBooks
from apps.sandbox.world.xero_parties import render_organisation

CLOSED_IBAN = "DE89370400440532013000"
UNKNOWN_IBAN = "GB29NWBK60161331926819"
FUNDING_CURRENCIES = ("EUR", "GBP", "USD", "JPY", "KWD")
_START_HOUR_MS = 20 * 3_600_000


def generate(parameters: WorldParameters, folder: Path) -> Path:
    """Write the world into `folder` and return the database's path."""
    sellers = draw_sellers(parameters)
    debtors = draw_debtors(parameters)
    shares = allot(parameters.invoices, [seller.activity for seller in sellers])
    with WorldWriter(folder) as writer:
        writer.add("facts", ("parameters", parameters.as_json()))
        writer.add("facts", ("now_ms", str(day_ms(parameters.as_of_day) + _START_HOUR_MS)))
        for account in FUNDING_CURRENCIES:
            _write_funding_account(writer, account)
        writer.add("account_owners", (CLOSED_IBAN, "Closed Account Ltd", "closed"))
        for seller, invoices in zip(sellers, shares, strict=True):
            invented = SellerBooks(writer, parameters, seller, debtors).run(invoices)
            _write_seller(writer, parameters, seller)
            for debtor in invented:
                writer.add("account_owners", (debtor.iban, debtor.name, "open"))
        for debtor in debtors:
            _write_debtor(writer, debtor)
    return folder / "world.sqlite"


def ensure(parameters: WorldParameters, folder: Path) -> Path:
    """Return the world in `folder`, generating it when absent or made from other parameters."""
    path = folder / "world.sqlite"
    if path.exists() and stored_parameters(path) == parameters.as_json():
        return path
    return generate(parameters, folder)


def stored_parameters(path: Path) -> str:
    """Return the parameters a world file was made from, as canonical JSON."""
    database = sqlite3.connect(path)
    try:
        row = database.execute("select value from facts where key = 'parameters'").fetchone()
    except sqlite3.DatabaseError:
        return ""
    finally:
        database.close()
    return str(row[0]) if row else ""


def allot(whole: int, weights: list[float]) -> list[int]:
    """Split `whole` by weights into integers that add up to it."""
    total, reached, given, shares = sum(weights), 0.0, 0, []
    for weight in weights:
        reached += weight
        upto = round(whole * reached / total)
        shares.append(upto - given)
        given = upto
    return shares


def _write_seller(writer: WorldWriter, parameters: WorldParameters, seller: Seller) -> None:
    created_ms = day_ms(parameters.first_day - 40)
    currency = seller.country.currency
    writer.add(
        "organisations",
        (
            seller.number,
            seller.organisation_id,
            seller.name,
            currency,
            seller.country.code,
            seller.tax_id,
            account_of(seller, currency),
            seller.payout_iban,
            render_organisation(seller, created_ms),
        ),
    )
    for iban in (seller.payout_iban, seller.collection_iban):
        writer.add("account_owners", (iban, seller.name, "open"))


def _write_debtor(writer: WorldWriter, debtor: Debtor) -> None:
    writer.add("account_owners", (debtor.iban, debtor.name, "open"))
    if not debtor.has_bureau_file:
        return
    profile = {
        "delay_days": round(debtor.delay_days, 3),
        "drift_days": round(debtor.drift_days, 3),
        "drift_phase": round(debtor.drift_phase, 4),
        "failed_on": debtor.failed_on,
        "registered_on": debtor.registered_on,
        "size": round(debtor.size, 4),
        "currency": debtor.country.currency,
        "street": debtor.address.street,
        "city": debtor.address.city,
        "postal_code": debtor.address.postal_code,
        "phone": debtor.phone,
    }
    writer.add(
        "companies",
        (
            debtor.index,
            debtor.duns,
            debtor.name,
            debtor.country.code,
            debtor.registration_number,
            debtor.tax_id,
            json.dumps(profile, ensure_ascii=False),
        ),
    )


def _write_funding_account(writer: WorldWriter, currency: str) -> None:
    account = {
        "id": f"funding-{currency}",
        "iban": "",
        "name": f"Funding account {currency}",
        "currency": currency,
        "kind": "funding",
        "status": "enabled",
    }
    row = (account["id"], 0, "", currency, json.dumps(account, ensure_ascii=False))
    writer.add("accounts", row)
