"""Amounts: read one way, or refused."""

from decimal import Decimal

import pytest

from ingestion.documents.amounts import amount_reader, decimal_mark
from ingestion.documents.sheet import DocumentRefused


@pytest.mark.parametrize(
    ("texts", "mark", "values"),
    [
        (["1.234,56", "12,00"], ",", ["1234.56", "12.00"]),
        (["1,234.56", "12.00"], ".", ["1234.56", "12.00"]),
        (["1'234.56"], ".", ["1234.56"]),
        (["1 234,56", "7,1"], ",", ["1234.56", "7.1"]),
        (["12,5", "-3,25", "3,25-", "(4,00)"], ",", ["12.5", "-3.25", "-3.25", "-4.00"]),
        (["€ 12,50", "USD 7,00"], ",", ["12.50", "7.00"]),
        (["64982.589", "2309.79"], ".", ["64982.589", "2309.79"]),
        (["1,234,567", "1,000,000"], ".", ["1234567", "1000000"]),
        (["100", "200"], ".", ["100", "200"]),
        (["1234.5600000000001"], ".", ["1234.5600000000001"]),
        (["0.123"], ".", ["0.123"]),
    ],
)
def test_amounts_are_read_exactly_by_the_mark_of_their_column(texts, mark, values):
    assert decimal_mark("amount", texts) == mark
    assert [amount_reader(mark)(text).amount for text in texts] == [Decimal(one) for one in values]


@pytest.mark.parametrize("texts", [["1,234"], ["1.234", "5.678"], ["1.234,56", "1,234.56"]])
def test_amounts_that_can_be_read_in_two_ways_are_refused(texts):
    with pytest.raises(DocumentRefused, match=r"decimal"):
        decimal_mark("amount", texts)


@pytest.mark.parametrize("text", ["abc", "--", "1.2.3,4,5", "1,5.000"])
def test_what_is_no_amount_is_an_error(text):
    with pytest.raises(ValueError, match=r"number|mark"):
        amount_reader(",")(text)
