"""Electronic invoices (UBL, CII) as a file of receivables with one row.

XML comes from anybody: a document type, and with it every entity, is refused before its content is
read, nothing outside the file is ever opened, and a file too large to be an invoice is not parsed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from ingestion.documents import cii, ubl
from ingestion.documents.chunk import Chunk, chunk_of
from ingestion.documents.en16931 import AMOUNT, HEADER, OPEN_AMOUNT, Stated, refused
from ingestion.documents.refusal import DocumentRefused

ROOTS = frozenset({"Invoice", "CreditNote", "CrossIndustryInvoice", "StandardBusinessDocument"})
"""Names of root elements; the last is the envelope that Peppol sends invoices in."""

_SYNTAXES: dict[str, Callable[[Element], Stated]] = {
    ubl.INVOICE: ubl.stated,
    ubl.CREDIT_NOTE: ubl.stated,
    cii.INVOICE: cii.stated,
}
_LARGEST = 100 * 2**20
"""Bytes; invoices carry attachments."""


@dataclass(frozen=True)
class EInvoice:
    """The one row of an invoice.

    Attributes:
        cells: Under ``en16931.HEADER``.
    """

    cells: list[str]
    numbers = frozenset({AMOUNT, OPEN_AMOUNT})

    def head(self, count: int) -> list[list[str]]:
        """Return the header and the row."""
        return [list(HEADER), self.cells][:count]

    def chunks(self, skip: int, width: int) -> Iterator[Chunk]:
        """Yield the row; ``skip`` is the header's."""
        del skip
        yield chunk_of(0, [self.cells], width)


class _Tree(TreeBuilder):
    """Builds elements, and nothing that a document type declares."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> NoReturn:
        del name, pubid, system
        raise refused(
            "it declares a document type, which invoices do not have and which can make a small"
            " file expand without end: send it without"
        )


def opened(path: Path) -> EInvoice:
    """Read an invoice.

    Raises:
        DocumentRefused: It is damaged, no invoice of a syntax known here, or lacks a term that
            every invoice has.
    """
    if path.stat().st_size > _LARGEST:
        raise refused(f"it has more than {_LARGEST // 2**20} MB: send it without attachments")
    root = _parsed(path)
    for found in (root, *root):
        if found.tag in _SYNTAXES:
            return EInvoice(_SYNTAXES[found.tag](found).cells())
    raise DocumentRefused(
        "e_invoice",
        f"it is XML that begins with {root.tag[:80]!r}, which is neither an invoice in UBL 2.1 nor"
        " in CII (ZUGFeRD 2, Factur-X): send one of these, or the list as CSV or Excel.",
    )


def _parsed(path: Path) -> Element:
    parser = XMLParser(target=_Tree())  # noqa: S314 - no entity can be declared
    try:
        with path.open("rb") as file:
            while part := file.read(2**16):
                parser.feed(part)
        root: Element = parser.close()
    except ParseError as error:
        line, column = error.position
        raise refused(
            f"line {line}, column {column + 1} is not XML ({error.msg.partition(':')[0]}): it is"
            " damaged or cut off; export it again"
        ) from error
    except (LookupError, ValueError) as error:
        raise refused(f"its encoding is not known ({error}): write it in UTF-8") from error
    return root
