"""Every awkward file is read right, or refused with the words that tell what to change."""

from collections import Counter
from decimal import Decimal

import pytest

from ingestion.documents.receivables import DocumentRefused, propose_mapping, read
from tests.ingestion.documents.awkward import EXPECTED, FILES, Refused, Right

RIGHT = sorted(name for name, expected in EXPECTED.items() if isinstance(expected, Right))
REFUSED = sorted(name for name, expected in EXPECTED.items() if isinstance(expected, Refused))


@pytest.mark.parametrize("name", RIGHT)
def test_an_awkward_file_is_read_right(name, tmp_path):
    expected = EXPECTED[name]
    path = FILES[name](tmp_path)

    document = read(path, propose_mapping(path, currency=expected.currency))

    sums = Counter()
    for record in document.records:
        sums[record["currency"]] += Decimal(record["amount"])
    assert len(document.records) == expected.records
    assert sums == {currency: Decimal(total) for currency, total in expected.sums.items()}
    assert tuple(row.problem.reason_code for row in document.rejects) == expected.quarantined


@pytest.mark.parametrize("name", REFUSED)
def test_an_awkward_file_is_refused_with_what_to_change(name, tmp_path):
    expected = EXPECTED[name]
    path = FILES[name](tmp_path)

    with pytest.raises(DocumentRefused) as refused:
        read(path, propose_mapping(path, currency=expected.currency))

    assert refused.value.reason_code == expected.reason_code
    assert [word for word in expected.says if word not in refused.value.detail] == []
