"""Totals agree with everything above, or with everything since an earlier total."""

from decimal import Decimal

import pytest

from ingestion.documents.subtotals import Running, names_total


@pytest.mark.parametrize(
    "text",
    ["Total", "TOTAL EUR", "Grand total:", "Sub-total Acme Ltd", "Summe Kunde 4711", "S u m m e"],
)
def test_totals_are_known_by_their_words(text):
    assert names_total(text)


@pytest.mark.parametrize("text", ["", "4711", "Grand Hotel", "Summit Ltd", "Totally new"])
def test_other_words_are_not_totals(text):
    assert not names_total(text)


def test_subtotals_of_customers_and_of_regions_and_the_whole_agree():
    running = Running()

    def total(text, currency=None):
        agrees = running.agrees(Decimal(text), currency)
        running.passed()
        return agrees

    running.add("EUR", Decimal("10.50"))
    running.add("EUR", Decimal(2))
    assert total("12.50")
    running.add("EUR", Decimal(30))
    assert total("30.00")
    assert total("42.50", "EUR")
    running.add("USD", Decimal(7))
    assert total("7", "USD")
    assert total("49.50")
    assert not running.agrees(Decimal(8), "USD")
    assert running.above("USD") == 7
