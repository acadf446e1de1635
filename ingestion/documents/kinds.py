"""What a file is by its bytes, whatever its name says.

People rename: a workbook called ``.csv``, a CSV called ``.xlsx``, a web page called ``.xls``.
What holds a table is read as what it is; what does not is refused with what to send instead.
"""

import re
import zipfile
from pathlib import Path
from typing import Literal

from ingestion.documents.e_invoice import ROOTS
from ingestion.documents.refusal import DocumentRefused

Kind = Literal["text", "workbook", "parquet", "web_page", "e_invoice"]

_HEAD = 64 * 1024
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SEND = "Send the list itself as CSV, Excel (.xlsx) or Parquet."
_UNPACK = "unpack it and send the file inside."
_OTHERS = (
    (b"%PDF", f"it is a PDF, a printed page without cells. {_SEND}"),
    (b"\x89PNG", f"it is a picture (PNG). {_SEND}"),
    (b"\xff\xd8\xff", f"it is a picture (JPEG). {_SEND}"),
    (b"GIF8", f"it is a picture (GIF). {_SEND}"),
    (b"II*\x00", f"it is a picture (TIFF). {_SEND}"),
    (b"MM\x00*", f"it is a picture (TIFF). {_SEND}"),
    (b"\x1f\x8b", f"it is a gzip archive: {_UNPACK}"),
    (b"7z\xbc\xaf", f"it is a 7z archive: {_UNPACK}"),
    (b"Rar!", f"it is a RAR archive: {_UNPACK}"),
    (b"BZh", f"it is a bzip2 archive: {_UNPACK}"),
    (b"SQLite format 3", f"it is a database. {_SEND}"),
    (b"{\\rtf", f"it is a text document (RTF). {_SEND}"),
)
_JSON = re.compile(rb"\s*(\{\s*[\"}]|\[\s*[\[{\"\]])")
_PAGE = re.compile(rb"<\s*(html|table|!doctype html|meta|head|body)\b", re.IGNORECASE)
_FIRST_ELEMENT = re.compile(
    rb"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>)*+<(?:[\w.-]+:)?([\w.-]+)",
    re.DOTALL,
)
_MOST_NULS = 0.02


def kind_of(path: Path) -> Kind:
    """Tell what a file is.

    Raises:
        DocumentRefused: It is empty, needs a password, or is nothing that holds a table.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise DocumentRefused("empty", "the file has 0 bytes: export it again and send it whole.")
    for magic, message in _OTHERS:
        if head.startswith(magic):
            raise DocumentRefused("not_a_table", message)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK"):
        return _in_archive(path)
    if head.startswith(_COMPOUND):
        return _in_compound(path)
    return _in_text(head)


def is_utf16(head: bytes) -> str | None:
    """Name the UTF-16 form a text has, by its mark or by where its zero bytes stand."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = head[::2].count(0), head[1::2].count(0)
    third = len(head) // 6
    if odd > third > even:
        return "utf-16-le"
    return "utf-16-be" if even > third > odd else None


def _in_archive(path: Path) -> Kind:
    """Tell a workbook, which is an archive inside, from other archives."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            mimetype = packed.read("mimetype") if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        message = (
            "it cannot be opened as a workbook: the file is damaged or cut off."
            " Export it again and send it whole."
        )
        raise DocumentRefused("excel", message) from error
    if any(name.startswith("xl/") for name in names) or b"spreadsheet" in mimetype:
        return "workbook"
    if any(name.startswith(("word/", "ppt/")) for name in names) or b"opendocument" in mimetype:
        raise DocumentRefused("not_a_table", f"it is a text document. {_SEND}")
    inside = ", ".join(names[:3]) or "nothing"
    raise DocumentRefused("not_a_table", f"it is a zip archive holding {inside}: {_UNPACK}")


def _in_compound(path: Path) -> Kind:
    """Tell an old workbook from other Office documents and from encrypted ones."""
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise DocumentRefused(
            "password", "the workbook opens with a password only: save it without one."
        )
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        return "workbook"
    raise DocumentRefused("not_a_table", f"it is an Office document without sheets. {_SEND}")


def _in_text(head: bytes) -> Kind:
    if encoding := is_utf16(head):
        plain = head[: len(head) // 2 * 2].decode(encoding, "ignore").encode()
    else:
        plain = head.removeprefix(b"\xef\xbb\xbf")
        if plain.count(0) > len(plain) * _MOST_NULS:
            raise DocumentRefused("not_a_table", f"it holds no text (binary data). {_SEND}")
    start = plain.lstrip()
    if start.startswith(b"<"):
        element = _FIRST_ELEMENT.match(start)
        if element is not None and element[1].decode("ascii", "replace") in ROOTS:
            return "e_invoice"
        if _PAGE.search(start):
            return "web_page"
        raise DocumentRefused("not_a_table", f"it is XML, but no electronic invoice. {_SEND}")
    if _JSON.match(start):
        raise DocumentRefused("not_a_table", f"it is JSON. {_SEND}")
    return "text"
