"""Planted frauds are what the answer key says, and honest documents are not like them."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import unicodedata
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest

from apps.sandbox.world import frauds
from apps.sandbox.world.parameters import WorldParameters
from apps.sandbox.world.parties import stream


def _normalised(number):
    """Normalise as the catalogue of typologies says, written anew here."""
    text = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", number).upper())
    text = re.sub(r"(?<=\d)O(?=\d)", "0", text)
    text = re.sub(r"(?<=\d)[IL](?=\d)", "1", text)
    return re.sub(r"\d+", lambda run: run[0].lstrip("0") or "0", text)


@pytest.fixture(scope="module")
def answers(default_world):
    with (default_world / "answer_key.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def invoices(default_world):
    database = sqlite3.connect(default_world / "world.sqlite")
    found = {}
    for organisation, record, payload in database.execute(
        "select organisation, record_id, payload from records where entity = 0 "
        "and kind = 'ACCREC' order by updated_ms"
    ):
        body = json.loads(payload, parse_float=Decimal)
        found[record] = {
            "organisation": organisation,
            "number": body["InvoiceNumber"],
            "date": body["DateString"],
            "total": body["Total"],
            "currency": body["CurrencyCode"],
            "contact": body["Contact"]["ContactID"],
            "reference": body["Reference"],
            "status": body["Status"],
        }
    database.close()
    return found


@pytest.fixture(scope="module")
def debtors(default_world):
    """Contact id → what identifies its debtor: the tax number, else the contact itself."""
    database = sqlite3.connect(default_world / "world.sqlite")
    found = {}
    for record, payload in database.execute(
        "select record_id, payload from records where entity = 1 order by updated_ms"
    ):
        body = json.loads(payload)
        tax = re.sub(r"[^A-Z0-9]", "", body["TaxNumber"].upper())
        found[record] = tax or body.get("MergedToContactID") or record
    database.close()
    return found


def _of(answers, kind):
    return [row for row in answers if row["fraud_type"] == kind]


def _fingerprint(invoice, debtors):
    return (
        invoice["organisation"],
        debtors[invoice["contact"]],
        _normalised(invoice["number"]),
        invoice["date"],
        invoice["total"],
        invoice["currency"],
    )


def test_a_default_world_holds_enough_of_every_kind(answers):
    visible = Counter(a["fraud_type"] for a in answers if a["visible_from"] <= "2026-06-30")
    assert 35 <= visible["duplicate"] <= 60
    assert 35 <= visible["near_duplicate"] <= 60
    assert set(visible) == {*frauds.RATES, frauds.FAKE_DEBTOR}


def test_planted_frauds_are_spread_in_time(answers):
    quarters = Counter(a["visible_from"][:4] for a in _of(answers, "duplicate"))
    assert len({a["visible_from"][:7] for a in _of(answers, "duplicate")}) >= 15
    assert len(quarters) == 3


def test_a_duplicate_has_its_originals_fingerprint_but_another_id(answers, invoices, debtors):
    for row in _of(answers, "duplicate"):
        twin = invoices.get(row["document_ids"])
        if twin is None:
            assert row["visible_from"] > "2026-10"
            continue
        original = invoices[row["counterpart_document_id"]]
        assert twin["number"] != original["number"]
        assert _fingerprint(twin, debtors) == _fingerprint(original, debtors)


def test_no_honest_invoices_share_a_fingerprint(answers, invoices, debtors):
    planted = {row["document_ids"] for row in _of(answers, "duplicate")}
    honest = Counter(
        _fingerprint(invoice, debtors) for key, invoice in invoices.items() if key not in planted
    )
    assert max(honest.values()) == 1


def test_near_duplicates_differ_from_their_originals_and_are_close(answers, invoices, debtors):
    for row in _of(answers, "near_duplicate"):
        twin = invoices.get(row["document_ids"])
        if twin is None:
            continue
        original = invoices[row["counterpart_document_id"]]
        assert _fingerprint(twin, debtors) != _fingerprint(original, debtors)
        assert abs(twin["total"] / original["total"] - 1) <= Decimal("0.005")
        assert twin["reference"] == original["reference"]
        if row["form"] == frauds.SAME_NUMBER:
            assert _normalised(twin["number"]) == _normalised(original["number"])


def test_numbers_of_an_organisation_are_unique_as_typed(invoices):
    numbers = Counter((i["organisation"], i["number"]) for i in invoices.values())
    assert max(numbers.values()) == 1


def test_invoices_without_order_have_no_chance_twins(answers, invoices, debtors):
    """Without an order number only planted, recurring and withdrawn bills cost the same in days."""
    involved = {row["document_ids"] for row in answers}
    plain = sorted(
        (i["organisation"], debtors[i["contact"]], i["currency"], i["date"], i["total"])
        for key, i in invoices.items()
        if not i["reference"] and key not in involved and i["status"] not in {"VOIDED", "DELETED"}
    )
    twins = 0
    for before, after in pairwise(plain):
        days = int(after[3][8:10]) - int(before[3][8:10])
        same = before[:3] == after[:3] and before[3][:7] == after[3][:7] and days <= 7
        twins += same and abs(after[4] / before[4] - 1) <= Decimal("0.005")
    assert twins <= 3


def test_numbers_typed_differently_stay_equal_after_normalisation():
    rng = stream(WorldParameters(), "test")
    for number in ("INV-00123", "RE000871", "SI-01004", "F012300", "INV-10234"):
        for _ in range(40):
            other, form = frauds.restyled(rng, number, {number}.__contains__)
            assert other != number, form
            assert _normalised(other) == _normalised(number), (number, other, form)


def test_a_transposition_swaps_two_neighbours():
    swapped = frauds.transposed(stream(WorldParameters(), "test"), "INV-01234")
    assert swapped != "INV-01234"
    assert sorted(swapped) == sorted("INV-01234")
    assert frauds.transposed(stream(WorldParameters(), "test"), "INV-77777") == ""
