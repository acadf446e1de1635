"""CSV in blocks is cut as Python's own reader cuts the whole file."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.documents.delimited import Delimited, opened
from ingestion.documents.sheet import DocumentRefused

CELL = st.text(st.sampled_from('ab1é" ,;\n\r.-€'), max_size=6)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=30)


def cut(path, encoding="utf-8-sig", blocks=(8, 40), width=3, skip=0):
    chunks = list(Delimited(path, encoding, ",", blocks).chunks(skip, width))
    positions = [chunk.first + at for chunk in chunks for at in range(len(chunk))]
    rows = [row for chunk in chunks for row in chunk.rows()]
    assert positions == list(range(len(rows)))
    return [row if any(row) else [] for row in rows]


def by_python(text):
    """Cut a whole text; a blank line and a row of empty cells are alike to whoever reads on."""
    rows = csv.reader(io.StringIO(text, newline=""))
    return [row if any(row) else [] for row in rows]


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, end=st.sampled_from(["\n", "\r\n"]), quoting=st.sampled_from([0, 1]))
def test_well_formed_files_are_cut_alike(tmp_path_factory, rows, end, quoting):
    written = io.StringIO()
    csv.writer(written, lineterminator=end, quoting=quoting).writerows(rows)
    path = tmp_path_factory.mktemp("cut") / "a.csv"
    path.write_bytes(written.getvalue().encode())

    assert cut(path) == by_python(written.getvalue())


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from('ab1é" ,\n\r'), max_size=120))
def test_any_text_is_cut_alike(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("cut") / "a.csv"
    path.write_bytes(text.encode())

    assert cut(path) == by_python(text)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_the_encoding_is_found_and_the_rows_are_the_same(tmp_path, encoding):
    text = "Número;Größe;Prix\n" + "1;für;3,5\n" * 40
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))

    found, _ = opened(path, None, None)

    assert found.delimiter == ";"
    chunks = found.chunks(1, 3)
    assert [row for chunk in chunks for row in chunk.rows()] == [["1", "für", "3,5"]] * 40


def test_rows_of_another_width_keep_their_cells(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b,c\n" * 5 + b"short\n\nx,y,z,more\n" + b"d,e,f\n" * 5)

    rows = cut(path, skip=1)

    assert rows[4:7] == [["short"], [], ["x", "y", "z", "more"]]
    assert len(rows) == 12


def test_an_encoding_that_does_not_fit_is_refused_with_what_to_set(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("Größe".encode("cp1252"))

    with pytest.raises(DocumentRefused, match="not written in utf-8: set encoding"):
        opened(path, "utf-8", None)
    with pytest.raises(DocumentRefused, match="no encoding 'klingon'"):
        opened(path, "klingon", None)


def test_a_quote_that_is_never_closed_says_where(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'a,b,c\n1,"2,3\n' + b"x,y,z\n" * 40_000)

    with pytest.raises(DocumentRefused, match="quote is opened and not closed"):
        cut(path, blocks=(1024, 1024))
