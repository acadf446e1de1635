"""Awkward files of receivables as people really send them, each with the one right answer.

``FILES[name](folder)`` writes the file and returns its path; ``EXPECTED[name]`` says what reading
it must come to: the exact totals, or the refusal with the words that tell what to change. Most
hold the same three invoices, so that only the awkwardness differs.
"""

import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.ingestion.documents.e_invoices import cii, declaring, enveloped, ubl

Write = Callable[[Path], Path]
Cells = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Right:
    """A file that is read.

    Attributes:
        records: Rows that can land.
        sums: Their amounts by currency, signed and exact as written.
        quarantined: Reason codes of the other rows, in file order.
        currency: What has to be given because the file does not say it.
    """

    records: int
    sums: Mapping[str, str]
    quarantined: tuple[str, ...] = ()
    currency: str | None = None


@dataclass(frozen=True)
class Refused:
    """A file that is refused whole.

    Attributes:
        reason_code: Of the refusal.
        says: Words that the message holds: what to change.
        currency: What was given with the file.
    """

    reason_code: str
    says: tuple[str, ...] = ()
    currency: str | None = "EUR"


FILES: dict[str, Write] = {}
EXPECTED: dict[str, Right | Refused] = {}

HEADER = ("Invoice number", "Customer", "Invoice date", "Due date", "Amount", "Currency")
INVOICES = (
    ("A-1", "Acme Ltd", "2026-01-15", "2026-02-14", "1234.56", "EUR"),
    ("A-2", "Brücke & Söhne", "2026-01-20", "2026-02-19", "99.10", "EUR"),
    ("A-3", "Café Noir", "2026-02-25", "2026-03-27", "500.00", "EUR"),
)
GERMAN = (
    "Rechnungsnummer;Kunde;Rechnungsdatum;Fälligkeit;Betrag;Währung\r\n"
    "A-1;Acme Ltd;15.01.2026;14.02.2026;1.234,56;EUR\r\n"
    "A-2;Brücke & Söhne;20.01.2026;19.02.2026;99,10;EUR\r\n"
    "A-3;Café Noir;25.02.2026;27.03.2026;500,00;EUR\r\n"
)
THREE = Right(3, {"EUR": "1833.66"})


@dataclass(frozen=True)
class _Named:
    """Registers a writer under its name with what it must come to."""

    expected: Right | Refused
    suffix: str = ".csv"

    def __call__(self, content: Callable[[Path], object]) -> Callable[[Path], object]:
        name = content.__name__.strip("_")

        def write(folder: Path) -> Path:
            path = folder / f"{name}{self.suffix}"
            made = content(path)
            if isinstance(made, str):
                made = made.encode()
            if isinstance(made, bytes):
                path.write_bytes(made)
            return path

        FILES[name] = write
        EXPECTED[name] = self.expected
        return content


def _lines(rows: Cells, separator: str = ",") -> str:
    return "".join(separator.join(map(str, row)) + "\n" for row in rows)


def _table(*changed: Sequence[object], header: Sequence[object] = HEADER) -> str:
    return _lines([header, *(changed or INVOICES)])


def _amounts(*amounts: str, header: str = "Invoice;Customer;Date;Amount") -> str:
    rows = [f"A-{n};Acme Ltd;2026-01-15;{amount}" for n, amount in enumerate(amounts, start=1)]
    return "\n".join([header, *rows, ""])


def _dates(*dates: str) -> str:
    rows = [f"A-{n};Acme Ltd;{one};10.00;EUR" for n, one in enumerate(dates, start=1)]
    return "\n".join(["Invoice;Customer;Date;Amount;Currency", *rows, ""])


def _workbook(path: Path, **sheets: Cells) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)


def _typed() -> list[list[object]]:
    return [
        list(HEADER),
        *(
            [number, name, date.fromisoformat(issued), date.fromisoformat(due), float(amount), code]
            for number, name, issued, due, amount, code in INVOICES
        ),
    ]


@_Named(THREE)
def utf16(path: Path) -> bytes:
    return _lines([HEADER, *INVOICES], "\t").encode("utf-16")


@_Named(THREE)
def utf16_without_mark(path: Path) -> bytes:
    return _lines([HEADER, *INVOICES], "\t").encode("utf-16-le")


@_Named(THREE)
def cp1252(path: Path) -> bytes:
    return GERMAN.encode("cp1252")


@_Named(THREE)
def latin1(path: Path) -> bytes:
    return GERMAN.replace("Acme", "Ac\x81me").encode("latin-1")


@_Named(THREE)
def utf8_with_mark(path: Path) -> bytes:
    return _table().encode("utf-8-sig")


@_Named(THREE)
def semicolons_and_decimal_commas(path: Path) -> str:
    return GERMAN


@_Named(THREE, ".txt")
def tabs(path: Path) -> str:
    return _lines([HEADER, *INVOICES], "\t")


@_Named(THREE, ".txt")
def pipes(path: Path) -> str:
    return _lines([HEADER, *INVOICES], "|")


@_Named(THREE)
def separator_named_in_the_first_line(path: Path) -> str:
    return "sep=;\r\n" + GERMAN


@_Named(THREE)
def old_line_ends(path: Path) -> str:
    return _table().replace("\n", "\r")


@_Named(Right(3, {"EUR": "1308.00"}))
def currency_signs_in_the_cells(path: Path) -> str:
    return _amounts("1.234,00 €", "€ 99,00", "-25,00€")


@_Named(Right(4, {"EUR": "100.50", "USD": "50.25", "GBP": "7.00", "CHF": "1000.00"}))
def currency_codes_in_the_cells(path: Path) -> str:
    return _amounts("EUR 100.50", "50.25 USD", "£7.00", "CHF 1'000.00")


@_Named(Refused("currency_missing", ("$", "--currency"), currency=None))
def a_sign_of_many_currencies(path: Path) -> str:
    return _amounts("$ 10.00", "$ 12.50")


@_Named(Refused("currency_missing", ("--currency",), currency=None))
def no_currency(path: Path) -> str:
    return _amounts("10.00", "12.50")


@_Named(Right(2, {"USD": "22.50"}))
def currency_in_the_header(path: Path) -> str:
    return _amounts("10.00", "12.50", header="Invoice;Customer;Date;Amount (USD)")


@_Named(THREE)
def title_rows(path: Path) -> str:
    return "Open items of Acme Ltd,,,,,\nAs of 2026-04-01,,,,,\n\n" + _table()


@_Named(THREE, ".xlsx")
def merged_header_rows(path: Path) -> None:
    groups = ["Invoice", None, None, None, "Money", None]
    below = ["number", "Customer", "date", "Due date", "Amount", "Currency"]
    _workbook(path, Items=[["Debtors 2026"], groups, below, *_typed()[1:]])


@_Named(THREE)
def total_at_the_end(path: Path) -> str:
    return _table() + "Total,,,,1833.66,EUR\n"


@_Named(THREE)
def subtotals_in_the_middle(path: Path) -> str:
    first, second, third = INVOICES
    one, two = ("Subtotal", "", "", "", "1333.66", ""), ("Subtotal", "", "", "", "500.00", "")
    every = ("Grand total", "", "", "", "1833.66", "")
    return _lines([HEADER, first, second, one, third, two, every])


@_Named(THREE)
def total_without_a_word(path: Path) -> str:
    return _table() + ",,,,1833.66,\n"


@_Named(Right(3, {"EUR": "1833.66"}, ("total_differs",)))
def total_that_differs(path: Path) -> str:
    return _table() + "Total,,,,1900.00,EUR\n"


@_Named(Right(3, {"EUR": "1333.66", "USD": "500.00"}))
def totals_by_currency(path: Path) -> str:
    first, second, third = INVOICES
    rows = [HEADER, first, second, (*third[:5], "USD")]
    return _lines(
        [*rows, ("Total", "", "", "", "1333.66", "EUR"), ("Total", *[""] * 3, 500, "USD")]
    )


@_Named(THREE)
def header_repeated_on_every_page(path: Path) -> str:
    first, second, third = INVOICES
    return _lines([HEADER, first, HEADER, second, HEADER, third])


@_Named(Refused("date_ambiguous", ("'Date'", "31/03/2026", "03/31/2026", "date_orders")))
def mixed_date_orders(path: Path) -> str:
    return _dates("31/03/2026", "03/31/2026", "04/05/2026")


@_Named(Refused("date_ambiguous", ("'Date'", "03/04/2026", "row 2", "dmy", "mdy")))
def day_or_month_first(path: Path) -> str:
    return _dates("03/04/2026", "05/06/2026")


@_Named(Right(4, {"EUR": "40.00"}))
def date_forms_that_are_each_clear(path: Path) -> str:
    return _dates("31/03/2026", "2026-04-01", "2 April 2026", "05/04/2026")


@_Named(Right(8, {"EUR": "80.00"}))
def dates_as_words(path: Path) -> str:
    english, german, french = "March 15, 2026", "15. März 2026", "1er février 2026"
    spanish, italian, dutch = "15 de enero de 2026", "15 luglio 2026", "15 mei 2026"
    return _dates(
        english, german, french, spanish, italian, dutch, "15 de março de 2026", "15-Oct-26"
    )


@_Named(Right(2, {"EUR": "20.00"}))
def spreadsheet_day_numbers(path: Path) -> str:
    return _dates("46037", "46042.0")


@_Named(Right(4, {"EUR": "69.50"}))
def negative_and_zero_amounts(path: Path) -> str:
    return _amounts("100,00", "-20,00", "0,00", "10,50-").replace("Amount", "Amount EUR")


@_Named(Right(3, {"EUR": "85.00"}))
def credits_by_word(path: Path) -> str:
    return _amounts("100.00 DR", "10.00 CR", "(5.00)").replace("Amount", "Amount EUR")


@_Named(THREE)
def missing_due_dates(path: Path) -> str:
    return _table(*((*row[:3], "", *row[4:]) for row in INVOICES))


@_Named(Right(3, {"EUR": "1234.56", "JPY": "99", "USD": "500.00"}))
def several_currencies(path: Path) -> str:
    first, second, third = INVOICES
    return _table(first, (*second[:4], "99", "jpy"), (*third[:5], "USD"))


@_Named(Right(2, {"EUR": "1333.66"}, ("currency_unknown",)))
def a_currency_that_does_not_exist(path: Path) -> str:
    first, second, third = INVOICES
    return _table(first, second, (*third[:5], "XQZ"))


@_Named(Refused("empty", ("0 bytes",)))
def empty(path: Path) -> bytes:
    return b""


@_Named(Refused("empty", ()))
def blank_lines_only(path: Path) -> str:
    return "\n\n  \n"


@_Named(Refused("no_rows", ("header",)))
def header_only(path: Path) -> str:
    return _lines([HEADER])


@_Named(Refused("columns_missing", ("amount", "'Remark'")))
def columns_missing(path: Path) -> str:
    return "Invoice,Customer,Date,Remark\nA-1,Acme Ltd,2026-01-15,paid\n"


@_Named(Refused("amount_ambiguous", ("'Amount'", "1,234", "decimal_marks")))
def thousands_or_decimals(path: Path) -> str:
    return _amounts("1,234", "2,500")


@_Named(THREE, ".csv")
def workbook_named_csv(path: Path) -> None:
    made = path.with_suffix(".xlsx")
    _workbook(made, Items=_typed())
    made.rename(path)


@_Named(THREE, ".xlsx")
def csv_named_xlsx(path: Path) -> str:
    return _table()


@_Named(THREE, ".xls")
def html_named_xls(path: Path) -> str:
    rows = "".join(
        "<tr>" + "".join(f"<td>{str(cell).replace('&', '&amp;')}</td>" for cell in row) + "</tr>\n"
        for row in (HEADER, *INVOICES)
    )
    return f"<html><head><meta charset='utf-8'></head><body><table>{rows}</table></body></html>"


@_Named(Refused("not_a_table", ("PDF", "CSV")))
def pdf_named_csv(path: Path) -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"


@_Named(Refused("not_a_table", ("archive", "unpack")), ".zip")
def archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("receivables.csv", _table())


@_Named(Refused("not_a_table", ("picture",)), ".xlsx")
def picture_named_xlsx(path: Path) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 1, 1, 8, 0, 0, 0, 0)


@_Named(Refused("not_a_table", ("JSON",)))
def json_named_csv(path: Path) -> str:
    return '[{"invoice": "A-1", "amount": 10.0}]\n'


@_Named(Right(1, {"EUR": "1234.56"}), ".xml")
def e_invoice_in_ubl(path: Path) -> str:
    return ubl()


@_Named(Right(1, {"EUR": "99.10"}))
def e_invoice_in_cii_named_csv(path: Path) -> str:
    return cii()


@_Named(Right(1, {"EUR": "-1234.56"}), ".xml")
def credit_note_in_an_envelope(path: Path) -> str:
    return enveloped(ubl(root="CreditNote"))


@_Named(Refused("e_invoice", ("line", "cut off")), ".xml")
def e_invoice_cut_off(path: Path) -> str:
    return ubl()[:-200]


@_Named(Refused("e_invoice", ("document type",)), ".xml")
def e_invoice_that_expands(path: Path) -> str:
    return declaring('<!ENTITY y "ha"><!ENTITY x "&y;&y;&y;">', ubl())


@_Named(Refused("not_a_table", ("XML", "CSV")), ".xml")
def xml_of_something_else(path: Path) -> str:
    return "<?xml version='1.0'?><orders><order/></orders>"


@_Named(Refused("password", ("password",)), ".xlsx")
def workbook_with_a_password(path: Path) -> bytes:
    """Write the outer shell of an encrypted workbook: a compound file with its two streams."""
    end, free, absent = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
    head = struct.pack("<8s16xHHHHH6x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0)
    head += struct.pack("<109I", 0, *[free] * 108)
    fat = struct.pack("<128I", 0xFFFFFFFD, end, *[free] * 126)

    def entry(name: str, kind: int, child: int) -> bytes:
        text = name.encode("utf-16-le")
        links = struct.pack("<64sHBB3I", text, len(text) + 2, kind, 1, absent, absent, child)
        return links + struct.pack("<16x4x16xIQ", end, 0)

    entries = [entry("Root Entry", 5, 1), entry("EncryptedPackage", 2, absent)]
    entries += [entry("EncryptionInfo", 2, absent), b"\0" * 128]
    return head + fat + b"".join(entries)


@_Named(Right(2, {"EUR": "1333.66"}))
def newlines_inside_quotes(path: Path) -> str:
    return (
        ",".join(HEADER)
        + '\n"A-1","Acme Ltd\nAccounts ""payable""",2026-01-15,2026-02-14,1234.56,EUR\n'
        + '"A-2","Brücke\r\n& Söhne, Wien",2026-01-20,2026-02-19,"99.10",EUR\n'
    )


@_Named(THREE)
def column_names_twice(path: Path) -> str:
    return _table(
        *((*row, "x", "9999.99") for row in INVOICES), header=(*HEADER, "Remark", "Amount")
    )


@_Named(Right(2, {"EUR": "1734.56"}, ("row_too_short", "row_too_long")))
def ragged_rows(path: Path) -> str:
    first, second, third = INVOICES
    return _lines([HEADER, first, second[:3], (*third, "surplus"), third])


@_Named(THREE, ".xlsx")
def several_sheets(path: Path) -> None:
    _workbook(path, Notes=[["for your information"]], Items=_typed(), Contacts=[["Name", "Phone"]])


@_Named(Refused("sheet_ambiguous", ("'January'", "'February'", "sheet")), ".xlsx")
def two_sheets_of_receivables(path: Path) -> None:
    _workbook(path, January=_typed(), February=_typed())


@_Named(THREE, ".parquet")
def parquet(path: Path) -> None:
    from decimal import Decimal

    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = list(zip(*INVOICES, strict=True))
    days = [pa.array([date.fromisoformat(one) for one in columns[place]]) for place in (2, 3)]
    amounts = pa.array([Decimal(one) for one in columns[4]], pa.decimal128(18, 2))
    texts = [pa.array(columns[place]) for place in (0, 1, 5)]
    arrays = [texts[0], texts[1], *days, amounts, texts[2]]
    pq.write_table(pa.table(arrays, names=list(HEADER)), path)


@_Named(THREE)
def only_what_is_open(path: Path) -> str:
    return GERMAN.replace("Betrag", "Offener Betrag")
