"""Many rows at once come to what each row comes to by itself, byte for byte."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.documents.columns import Columns
from ingestion.documents.mapping import mapping_of
from ingestion.documents.naming import header_score
from ingestion.documents.rows import Reader
from ingestion.documents.sheet import open_sheet
from tests.ingestion.documents.awkward import EXPECTED, FILES, Right

RIGHT = sorted(name for name, expected in EXPECTED.items() if isinstance(expected, Right))
HEADER = (
    "Invoice;Document no;Customer no;Customer;Country;Date;Due;Amount;Open;Currency;Disputed"
    ";Type;Remark"
)
DATES = ["31.03.2026", "01.04.26", "", "2026-05-06", "32.01.2026", "45000", "3 Mai 2026", "n/a"]
AMOUNTS = [
    *("1.234,56", "12,5", "-3,00", "3,00-", "(4,10)", "0,00", "-0,00", "007,10", "1.23,4", "x", ""),
    *(
        "€ 12,00",
        "12,00 USD",
        "$ 7,00",
        "99999999999999,00",
        "1,1234567890123",
        "12",
        "5,-",
        "7 CR",
    ),
]
ROW = st.tuples(
    st.sampled_from(["A-1", "A-2", " A-3 ", "", "77.0", "1.9E+09", "Total", 'q"\\', "É\t1"]),
    st.sampled_from(["", "D1", "5.00"]),
    st.sampled_from(["", "C1", "C2"]),
    st.sampled_from(["Acme", "", 'Müller "& Söhne"', "a\\b", "\u00a0Nord\u2003"]),
    st.sampled_from(["de", "FR", "Germany", ""]),
    st.sampled_from(DATES),
    st.sampled_from(DATES),
    st.sampled_from(AMOUNTS),
    st.sampled_from(AMOUNTS),
    st.sampled_from(["EUR", "eur", "USD", "XQZ", "", "€", "JPY"]),
    st.sampled_from(["yes", "no", "", "perhaps"]),
    st.sampled_from(["", "Gutschrift", "Invoice", "CN"]),
    st.sampled_from(["", "x", "\x01", "a/b", "\u2028"]),
)
FIRST = (
    "A-0",
    "",
    "C0",
    "Acme",
    "DE",
    "31.03.2026",
    "01.04.2026",
    "1,50",
    "1,5",
    "EUR",
    "",
    "",
    "",
)


def row_by_row(sheet, mapping):
    reader = Reader(sheet.header, mapping)
    rows = (reader.row(position, cells) for position, cells in enumerate(sheet.rows))
    return [row for row in rows if row is not None]


def at_once(sheet, mapping):
    columns = Columns(Reader(sheet.header, mapping))
    return [columns.mapped(chunk) for chunk in sheet.chunks()]


def assert_alike(sheet, mapping):
    rows = row_by_row(sheet, mapping)
    batches = at_once(sheet, mapping)

    sound = [row for row in rows if row.problem is None]
    columns = [
        [value for batch, _ in batches for value in batch.columns()[at].to_pylist()]
        for at in range(5)
    ]
    record_ids, payloads, positions, currencies, amounts = columns
    assert payloads == [row.payload.decode() for row in sound]
    assert positions == [row.position for row in sound]
    assert record_ids == [row.record["record_id"] for row in sound]
    assert currencies == [row.record["currency"] for row in sound]
    assert amounts == [Decimal(row.record["amount"]) for row in sound]
    refused = [(one.position, one.payload, one.problem) for _, more in batches for one in more]
    assert refused == [(row.position, row.payload, row.problem) for row in rows if row.problem]


@pytest.mark.parametrize("name", RIGHT)
def test_awkward_files_come_out_alike_both_ways(name, tmp_path):
    path = FILES[name](tmp_path)
    sheet = open_sheet(path, header_score)

    assert_alike(sheet, mapping_of(sheet, EXPECTED[name].currency))


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROW, max_size=40), data=st.data())
def test_any_mixture_of_cells_comes_out_alike_both_ways(tmp_path_factory, rows, data):
    total = data.draw(st.sampled_from(["", "Total;;;;;;;1,50;;;;;\n", ";;;;;;;1,50;;;;;\n"]))
    first = ";".join(FIRST) + "\n"
    body = "".join(";".join(_quoted(cell) for cell in row) + "\n" for row in rows)
    path = tmp_path_factory.mktemp("both") / "file.csv"
    path.write_bytes((HEADER + "\n" + first + total + body + total).encode())
    sheet = open_sheet(path, header_score)
    given_currency = data.draw(st.sampled_from([None, "EUR"]))

    assert_alike(sheet, mapping_of(sheet, given_currency))


def _quoted(cell):
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set('"\n;') else cell
