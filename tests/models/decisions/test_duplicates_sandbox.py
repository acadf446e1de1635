"""Recall and precision of F01 and F02 on a world that was not used to write them."""

import csv
import json
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.decisions.duplicates import Tolerance, find_duplicates, quality
from models.decisions.policy import Policy
from models.domain.money import to_minor
from models.domain.normalise import number_norm

SEED = "23"
TODAY = date(2026, 6, 30)
LIVE = {"AUTHORISED": "open", "PAID": "paid"}
RULES = {"duplicate": "F01", "near_duplicate": "F02"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    subprocess.run(
        [
            sys.executable, "-m", "apps.sandbox", "generate", "--state", str(folder), "--seed",
            SEED, "--as-of", TODAY.isoformat(),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return folder


def invoice(organisation: int, tax_id: str | None, payload: str) -> dict[str, Any] | None:
    read = json.loads(payload, parse_float=Decimal)
    if read["Status"] not in LIVE:
        return None
    issued = date.fromisoformat(read["DateString"][:10])
    return {
        "tenant_id": "t1",
        "receivable_id": read["InvoiceID"],
        "seller_id": f"s{organisation}",
        "debtor_id": f"{organisation}/{read['Contact']['ContactID']}",
        "currency": read["CurrencyCode"],
        "document_type": "invoice",
        "status": LIVE[read["Status"]],
        "number_norm": number_norm(read["InvoiceNumber"]),
        "purchase_order_number": read.get("Reference") or None,
        "issued_on": issued,
        "due_on": issued,
        "gross_minor": to_minor(Decimal(read["Total"]), read["CurrencyCode"]),
        "recorded_at": datetime(issued.year, issued.month, issued.day, tzinfo=UTC),
        "seller_tax_id": f"s{organisation}",
        "debtor_tax_id": tax_id,
    }


@pytest.fixture(scope="module")
def book(world: Path) -> pl.DataFrame:
    """The sales invoices visible today, as their latest versions say."""
    now = int(datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC).timestamp() * 1000)
    visible = (now, now)
    latest = "updated_ms <= ? and superseded_ms > ?"
    with sqlite3.connect(world / "world.sqlite") as connection:
        contacts = connection.execute(
            f"select organisation, record_id, payload from records where entity = 1 and {latest}",
            visible,
        )
        tax = {(o, r): json.loads(p).get("TaxNumber") for o, r, p in contacts}
        records = connection.execute(
            f"select organisation, contact_id, payload from records"
            f" where entity = 0 and kind = 'ACCREC' and {latest}",
            visible,
        )
        rows = [invoice(o, tax.get((o, contact)), payload) for o, contact, payload in records]
    connection.close()
    kept = [row for row in rows if row is not None]
    return pl.DataFrame(kept, infer_schema_length=None)


def test_duplicates_are_found_and_little_else(
    world: Path, book: pl.DataFrame, policy: Policy
) -> None:
    live = set(book["receivable_id"].to_list())
    with (world / "answer_key.csv").open(encoding="utf-8", newline="") as file:
        planted = [
            (RULES[row["fraud_type"]], row["document_ids"], row["counterpart_document_id"])
            for row in csv.DictReader(file)
            if row["fraud_type"] in RULES and row["visible_from"] <= TODAY.isoformat()
        ]
    known = [pair for pair in planted if {pair[1], pair[2]} <= live]
    found = quality(find_duplicates(book, Tolerance.of(policy)), known)
    assert found["F01"].planted >= 20
    assert found["F01"].recall_ppm == 1_000_000
    assert found["F01"].precision_ppm >= 990_000
    assert found["F02"].planted >= 20
    assert found["F02"].recall_ppm >= 900_000
    assert found["F02"].precision_ppm >= 900_000
