"""Every error of the vocabulary belongs to one family and carries its facts."""

import inspect

from models.domain import errors


def test_all_errors_belong_to_the_family() -> None:
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass)]
    assert all(issubclass(c, errors.DomainError) for c in classes)


def test_facts_travel_as_attributes() -> None:
    mismatch = errors.CurrencyMismatch("EUR", "USD")
    assert (mismatch.left, mismatch.right) == ("EUR", "USD")
