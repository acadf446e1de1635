"""What holds in every world: amounts agree, versions follow each other, the seed decides."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
import tracemalloc
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from apps.sandbox.storage.schema import CONTACTS, CREDIT_NOTES, INVOICES, PAYMENTS, PURCHASE_ORDERS
from apps.sandbox.world.generation import allot, ensure, generate
from apps.sandbox.world.parameters import WorldParameters

TINY = WorldParameters(sellers=2, debtors=8, invoices=80, months=6)
FOREVER = 1 << 62


def _digest(folder):
    database = sqlite3.connect(folder / "world.sqlite")
    text = "\n".join(database.iterdump())
    database.close()
    key = (folder / "answer_key.csv").read_text()
    return hashlib.sha256((text + key).encode()).hexdigest()


def _latest(rows, entity):
    found = rows(
        "select payload from records r where entity = ? and updated_ms = "
        "(select max(updated_ms) from records where record_id = r.record_id)",
        entity,
    )
    return [json.loads(row[0], parse_float=Decimal) for row in found]


def test_one_seed_makes_one_world(tmp_path):
    generate(TINY, tmp_path / "a")
    generate(TINY, tmp_path / "b")
    generate(WorldParameters(**{**TINY.__dict__, "seed": 8}), tmp_path / "c")
    assert _digest(tmp_path / "a") == _digest(tmp_path / "b")
    assert _digest(tmp_path / "a") != _digest(tmp_path / "c")


def test_a_world_is_reused_until_its_parameters_change(tmp_path):
    path = ensure(TINY, tmp_path)
    made = path.stat().st_mtime_ns
    assert ensure(TINY, tmp_path).stat().st_mtime_ns == made
    ensure(WorldParameters(**{**TINY.__dict__, "invoices": 81}), tmp_path)
    assert path.stat().st_mtime_ns != made


def test_an_interrupted_generation_leaves_no_world(tmp_path, monkeypatch):
    monkeypatch.setattr("apps.sandbox.world.generation._write_debtor", None)
    with pytest.raises(TypeError):
        generate(TINY, tmp_path)
    assert not list(tmp_path.glob("world.sqlite*"))


def test_invoices_until_as_of_are_the_wanted_number_plus_frauds_and_replacements(small_world, rows):
    sales = rows(
        "select count(distinct record_id) from records where entity = 0 and kind = 'ACCREC' "
        "and dated_ms <= 1782777600000"
    )[0][0]
    assert 600 <= sales <= 600 * 1.06


def test_what_an_invoice_says_adds_up(rows):
    for invoice in _latest(rows, INVOICES):
        lines = invoice["LineItems"]
        tax = sum(line["TaxAmount"] for line in lines)
        net = sum(line["LineAmount"] for line in lines)
        assert invoice["TotalTax"] == tax
        assert invoice["Total"] == invoice["SubTotal"] + invoice["TotalTax"]
        inclusive = invoice["LineAmountTypes"] == "Inclusive"
        assert net == invoice["Total" if inclusive else "SubTotal"]
        assert invoice["AmountPaid"] == sum(p["Amount"] for p in invoice["Payments"])
        assert invoice["AmountCredited"] == sum(n["AppliedAmount"] for n in invoice["CreditNotes"])
        if invoice["Status"] not in {"VOIDED", "DELETED"}:
            settled = invoice["AmountPaid"] + invoice["AmountCredited"]
            assert invoice["AmountDue"] == invoice["Total"] - settled
            assert (invoice["Status"] == "PAID") == (invoice["AmountDue"] == 0)
        assert invoice["AmountDue"] >= 0


def test_payments_and_credit_notes_are_those_the_invoices_name(rows):
    payments = {p["PaymentID"]: p for p in _latest(rows, PAYMENTS)}
    notes = {n["CreditNoteID"]: n for n in _latest(rows, CREDIT_NOTES)}
    named_payments, named_notes = set(), set()
    for invoice in _latest(rows, INVOICES):
        for stub in invoice["Payments"]:
            named_payments.add(stub["PaymentID"])
            payment = payments[stub["PaymentID"]]
            assert payment["Amount"] == stub["Amount"]
            assert payment["Invoice"]["InvoiceID"] == invoice["InvoiceID"]
        for stub in invoice["CreditNotes"]:
            named_notes.add(stub["CreditNoteID"])
            assert notes[stub["CreditNoteID"]]["Total"] == stub["AppliedAmount"]
    standing = {key for key, p in payments.items() if p["Status"] == "AUTHORISED"}
    assert standing == named_payments
    allocated = {key for key, note in notes.items() if note["Allocations"]}
    assert allocated == named_notes


def test_every_document_names_a_contact_of_its_organisation(rows):
    contacts = defaultdict(set)
    for organisation, record_id in rows(
        "select organisation, record_id from records where entity = ?", CONTACTS
    ):
        contacts[organisation].add(record_id)
    for organisation, contact_id in rows(
        "select distinct organisation, contact_id from records where entity <> ?", CONTACTS
    ):
        assert contact_id in contacts[organisation]


def test_money_on_the_bank_is_what_the_books_received(small_world, rows):
    """A receipt pays exactly the invoices the cash key names; posted payments are among them."""
    with (small_world / "cash_key.csv").open() as file:
        key = list(csv.DictReader(file))
    paid = Counter()
    for row in key:
        paid[row["transaction_id"]] += int(row["amount_minor"])
    amounts = dict(rows("select transaction_id, amount from transactions"))
    assert all(amounts[transaction] == amount for transaction, amount in paid.items())
    with (small_world / "answer_key.csv").open() as file:
        answers = list(csv.DictReader(file))
    elsewhere = {a["document_ids"] for a in answers if a["fraud_type"] == "payee_change"}
    received = defaultdict(list)
    for row in key:
        received[row["document_id"]].append(int(row["amount_minor"]))
    for payment in _latest(rows, PAYMENTS):
        document = payment["Invoice"]["InvoiceID"]
        if payment["PaymentType"] != "ACCRECPAYMENT" or document in elsewhere:
            continue
        scale = {"JPY": 1, "KWD": 1000}.get(payment["Invoice"]["CurrencyCode"], 100)
        assert int(payment["Amount"] * scale) in received[document]


def test_balances_run_without_gaps(rows):
    running = Counter()
    for account, amount, balance in rows(
        "select account_id, amount, balance_after from transactions order by rowid"
    ):
        running[account] += amount
        assert running[account] == balance


def test_versions_of_a_record_follow_each_other(rows):
    end = {}
    for record, updated, superseded in rows(
        "select record_id, updated_ms, superseded_ms from records order by record_id, updated_ms"
    ):
        assert superseded > updated
        assert end.get(record, updated) == updated
        end[record] = superseded
    assert FOREVER in end.values()


def test_without_history_only_versions_visible_from_as_of_are_kept(tmp_path):
    generate(WorldParameters(**{**TINY.__dict__, "keeps_history": False}), tmp_path / "short")
    generate(TINY, tmp_path / "long")
    counts = []
    for name in ("short", "long"):
        database = sqlite3.connect(tmp_path / name / "world.sqlite")
        ids = database.execute("select count(distinct record_id), count(*) from records").fetchone()
        database.close()
        counts.append(ids)
    assert counts[0][0] == counts[1][0]
    assert counts[0][1] < counts[1][1]


def test_memory_does_not_grow_with_the_number_of_invoices(tmp_path):
    peaks = []
    for invoices in (1000, 4000):
        tracemalloc.start()
        size = WorldParameters(
            sellers=4, debtors=20, invoices=invoices, months=12, keeps_history=False
        )
        generate(size, tmp_path / str(invoices))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2.2 * peaks[0]


def test_shares_add_up_to_the_whole():
    assert sum(allot(12_000, [0.3, 1.7, 1.0])) == 12_000
    assert allot(10, [1.0, 1.0]) == [5, 5]


def test_orders_are_delivered_and_billed(rows):
    states = Counter(order["Status"] for order in _latest(rows, PURCHASE_ORDERS))
    assert states["BILLED"] > 0.8 * sum(states.values())
    received = rows("select count(*) from goods_receipts")[0][0]
    assert received == sum(states.values())


def test_a_world_too_small_is_refused():
    with pytest.raises(ValueError, match="at least"):
        WorldParameters(sellers=0)
