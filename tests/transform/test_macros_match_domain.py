"""The SQL twins of the vocabulary's forms and keys give what Python gives, on both engines."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.tables import open_warehouse
from models.domain.identity import surrogate_key
from models.domain.money import EXPONENTS, exponent, to_minor
from models.domain.normalise import number_norm, tax_id_norm

ROOT = Path(__file__).resolve().parents[2]
AS_OF = "2026-06-30T00:00:00+00:00"
TEXTS = (
    "INV-00123", "inv 1O2", "2O2O-O1", "1I1L1", "I1", "LOT-00O0", "F000", "0", "000", "00A00",
    "DE 811 222 333", "IE-1234567.A", "nº 12", "№ 44", "ＩＮＶ－００１２", "Ünïcode-0042",
    "Žluťoučký 007",
    "请款单-0031", "№", "---", " ", "", "A/B\\C_D", "10²", "1 0 O 0", "9OO9", "9IL9", "ab12cd034",
)  # fmt: skip
ALPHABET = "0123456789OoIiLl-/ .ABZabz_ÄéП"
AMOUNTS = (
    ("0", "EUR"), ("1.1", "EUR"), ("-0.005", "EUR"), ("0.015", "EUR"), ("0.025", "EUR"),
    ("1234.5600000000001", "EUR"), ("99999999999.99", "USD"), ("9999999999999.99", "EUR"),
    ("12345", "JPY"), ("0.5", "JPY"), ("1.5", "JPY"), ("-1.5", "JPY"), ("10.125", "KWD"),
    ("10.1255", "KWD"), ("10.1265", "KWD"), ("1e3", "EUR"), ("7.999999999999999", "EUR"),
    ("2309.79", "USD"), ("-12.345", "GBP"), ("0.000001", "EUR"),
)  # fmt: skip
QUERY = """
    select place,
        {{ ifp.number_norm('value') }} as number_norm,
        {{ ifp.tax_id_norm('value') }} as tax_id_norm,
        {{ ifp.surrogate_key(["'alder'", 'value', 'missing']) }} as surrogate_key,
        cast({{ ifp.minor_units('amount', 'factor') }} as bigint) as minor_units
    from samples.texts order by place
"""


def _samples() -> list[tuple[str, str, int, str, str]]:
    drawn = random.Random(20261123)  # noqa: S311 - samples, not secrets
    texts = [
        *TEXTS,
        *("".join(drawn.choices(ALPHABET, k=drawn.randint(1, 14))) for _ in range(400)),
    ]
    rows = []
    for place, text in enumerate(texts):
        amount, currency = AMOUNTS[place % len(AMOUNTS)]
        rows.append((f"{place:05d}", text, 10 ** exponent(currency), amount, currency))
    return rows


@pytest.fixture(
    scope="module", params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def computed(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    dbt: Callable[..., Any],
) -> list[dict[str, Any]]:
    home = tmp_path_factory.mktemp("macros")
    target: Path | str = home / "warehouse.duckdb"
    if request.param == "postgres":
        target = request.getfixturevalue("new_postgres_url")()
    with open_warehouse(target) as warehouse:
        warehouse.execute("create schema samples")
        warehouse.execute(
            "create table samples.texts"
            " (place text, value text, missing text, factor smallint, amount text)"
        )
        warehouse.execute_many(
            "insert into samples.texts values (?, ?, null, ?, ?)",
            [(place, text, factor, amount) for place, text, factor, amount, _ in _samples()],
        )
    done = dbt(
        target, home, AS_OF, "--quiet", "show", "--inline", QUERY, "--limit", "1000",
        "--output", "json",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads(done.stdout[done.stdout.index("{") :])["show"]
    return sorted(shown, key=lambda row: row["place"])


def test_number_norm_is_the_same_in_sql_and_python(computed: list[dict[str, Any]]) -> None:
    expected = [(text, number_norm(text)) for _, text, *_ in _samples()]
    assert [
        (t, row["number_norm"]) for (t, _), row in zip(expected, computed, strict=True)
    ] == expected


def test_tax_id_norm_is_the_same_in_sql_and_python(computed: list[dict[str, Any]]) -> None:
    expected = [(text, tax_id_norm(text)) for _, text, *_ in _samples()]
    assert [
        (t, row["tax_id_norm"]) for (t, _), row in zip(expected, computed, strict=True)
    ] == expected


def test_surrogate_key_is_the_same_in_sql_and_python(computed: list[dict[str, Any]]) -> None:
    expected = [surrogate_key("alder", text, "") for _, text, *_ in _samples()]
    assert [row["surrogate_key"] for row in computed] == expected


def test_minor_units_round_half_even_like_python(computed: list[dict[str, Any]]) -> None:
    for (_, _, _, amount, currency), row in zip(_samples(), computed, strict=True):
        exact = Decimal(amount).quantize(Decimal("1e-12"))
        expected = to_minor(exact, currency, rounding="ROUND_HALF_EVEN")
        assert int(row["minor_units"]) == expected, (amount, currency)


def test_currency_seed_has_the_exponents_of_the_vocabulary() -> None:
    with (ROOT / "transform" / "seeds" / "currencies.csv").open(encoding="utf-8") as file:
        seeded = {row["currency"]: row for row in csv.DictReader(file)}
    assert set(EXPONENTS) <= set(seeded)
    for code, row in seeded.items():
        assert int(row["exponent"]) == exponent(code), code
        assert int(row["minor_per_major"]) == 10 ** exponent(code), code
