"""The error family of the vocabulary.

A refusal by policy is a decision, never an exception: these errors mean that a caller handed over
something that has no meaning (two currencies in one sum, a float as money).
"""


class DomainError(Exception):
    """Something was said that has no meaning in the domain."""


class CurrencyMismatch(DomainError):
    """Two amounts of different currencies met in one operation.

    Attributes:
        left: Currency of the first amount.
        right: Currency of the second amount.
    """

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right} cannot be combined: convert one of them first")
        self.left = left
        self.right = right


class UnknownCurrency(DomainError):
    """A code is not a currency code of three capital letters."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code!r} is not an ISO 4217 code of three capital letters")
        self.code = code


class InexactAmount(DomainError):
    """An amount has more digits than its currency and no rounding was asked for."""

    def __init__(self, value: object, currency: str, exponent: int) -> None:
        super().__init__(
            f"{value} has more than {exponent} decimals, the precision of {currency}: "
            "name a rounding to accept the loss"
        )
        self.value = value
        self.currency = currency
        self.exponent = exponent


class NotCanonical(DomainError):
    """A value has no canonical form (floats, dates, integers beyond 2**53, foreign types)."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path or 'value'}: {reason}")
        self.path = path
        self.reason = reason


class InvalidPolicy(DomainError):
    """A policy text cannot be used; the message names the entry and what it should be."""


class InvalidModel(DomainError):
    """A stored model cannot be used: its form, hash or version is not what was promised."""


class InvalidFacts(DomainError):
    """A frame handed to a model lacks columns or has the wrong types."""
