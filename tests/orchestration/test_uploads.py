"""Uploaded files are kept by content and remembered with whose book they are."""

from __future__ import annotations

import pytest

from orchestration import places, uploads


@pytest.fixture
def where(tmp_path):
    """Places of a fresh folder."""
    return places.at(tmp_path / "var")


@pytest.fixture
def file(tmp_path):
    """A receivables file."""
    path = tmp_path / "Open Items.csv"
    path.write_text("Invoice,Amount\n1,2.00\n")
    return path


def keep(where, *paths, **options):
    given = {"tenant_id": "alder", "seller": None, "currency": "USD", "paid_as": "xero-001"}
    return uploads.keep(where, paths, **{**given, **options})


def test_a_file_lies_under_its_hash_and_stays_as_it_was(where, file):
    (upload,) = keep(where, file)
    (stored,) = upload.paths
    assert stored.parent == where.inbox
    assert stored.read_bytes() == file.read_bytes()
    assert len(stored.stem) == 64
    assert stored.suffix == ".csv"


def test_the_note_says_whose_it_is(where, file):
    keep(where, file)
    (upload,) = uploads.uploads(where)
    assert (upload.tenant_id, upload.connection_id) == ("alder", "open-items")
    assert (upload.currency, upload.paid_as) == ("USD", "xero-001")


def test_the_same_file_again_is_the_same_upload(where, file):
    assert keep(where, file) == keep(where, file)


def test_files_of_one_seller_are_one_connection(where, file, tmp_path):
    other = tmp_path / "later.csv"
    other.write_text("Invoice,Amount\n2,3.00\n")
    keep(where, file, seller="Acme GmbH & Co.")
    (upload,) = keep(where, other, seller="Acme GmbH & Co.")
    assert upload.connection_id == "acme-gmbh-co"
    assert len(upload.files) == 2


def test_what_is_no_file_is_refused(where, tmp_path):
    with pytest.raises(FileNotFoundError):
        keep(where, tmp_path / "nothing.csv")
