"""The credit policy: dated data, hashed, checked when it is read.

A policy is YAML text handed in by the caller. It is read into typed records once; what is missing,
unknown or not whole is refused with its place. The hash is that of the canonical JSON of the data,
so layout and comments may change and the decision stays attributable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import yaml

from models.domain.canonical import canonical_json, sha256_hex
from models.domain.errors import InvalidPolicy
from models.domain.money import exponent
from models.domain.outcomes import Status

ELIGIBILITY_RULES = (
    "E01", "E03", "E05", "E06", "E08", "E09", "E10", "E13", "E14", "E15", "E17",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grade:
    """What a risk grade allows.

    Attributes:
        advance_bps: Highest advance rate.
        auto_ceiling: Most that is approved without a person, reference currency.
    """

    advance_bps: int
    auto_ceiling: int


@dataclass(frozen=True)
class Policy:
    """A policy in force.

    Attributes:
        name: Product.
        version: Number of the version.
        effective_on: First day it may be used for.
        hash: Lower-hex SHA-256 of the canonical data.
        grades: Ten grades, best first.
        rates: Currency to its value in the reference currency.
        statuses: Eligibility rule to what it does to a decision.
    """

    name: str
    version: int
    effective_on: date
    hash: str
    grades: tuple[Grade, ...]
    rates: Mapping[str, Decimal]
    statuses: Mapping[str, Status]
    _data: Mapping[str, Any]

    @classmethod
    def load(cls, text: str) -> Policy:
        """Read a policy.

        Raises:
            InvalidPolicy: The text is no policy; the message names the entry.
        """
        try:
            data = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise InvalidPolicy(f"not readable as YAML: {error}") from error
        if not isinstance(data, dict):
            raise InvalidPolicy("a policy is a mapping")
        reader = _Reader(data)
        reader.check()
        return cls(
            name=str(reader.value("name")),
            version=reader.whole("version"),
            effective_on=_date(reader.value("effective_on")),
            hash=sha256_hex(canonical_json(data)),
            grades=tuple(
                Grade(int(g["advance_bps"]), int(g["auto_ceiling"])) for g in data["grades"]
            ),
            rates=MappingProxyType(
                {c: Decimal(r) for c, r in reader.mapping("reference.rates").items()}
            ),
            statuses=MappingProxyType(
                {r: Status(s) for r, s in reader.mapping("eligibility.status").items()}
            ),
            _data=data,
        )

    def whole(self, path: str) -> int:
        """Give a whole number by its dotted path."""
        return _Reader(self._data).whole(path)

    def rate(self, path: str) -> Decimal:
        """Give a decimal by its dotted path."""
        return _Reader(self._data).decimal(path)

    def text(self, path: str) -> str:
        """Give a text by its dotted path."""
        return str(_Reader(self._data).value(path))

    def items(self, path: str) -> tuple[Any, ...]:
        """Give a list by its dotted path."""
        return tuple(_Reader(self._data).value(path))

    def minor(self, amount: int, currency: str) -> int:
        """Convert whole units of the reference currency to minor units of another, rounded down.

        Raises:
            KeyError: The currency is not supported; ask ``rates`` first.
        """
        return int(Decimal(amount) * 10 ** exponent(currency) / self.rates[currency])

    @property
    def data(self) -> Mapping[str, Any]:
        """The data as read, for publication."""
        return self._data


class _Reader:
    """Typed access to the data with the place in every complaint."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def value(self, path: str) -> Any:  # noqa: ANN401 - a YAML value
        found: Any = self._data
        for part in path.split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise InvalidPolicy(f"{path} is missing")
            found = found[part]
        return found

    def whole(self, path: str) -> int:
        found = self.value(path)
        if isinstance(found, bool) or not isinstance(found, int):
            raise InvalidPolicy(f"{path} must be a whole number, not {found!r}")
        return int(found)

    def decimal(self, path: str) -> Decimal:
        found = self.value(path)
        if not isinstance(found, str):
            raise InvalidPolicy(f"{path} must be a decimal written as text, not {found!r}")
        return _decimal(found, path)

    def mapping(self, path: str) -> Mapping[str, Any]:
        found = self.value(path)
        if not isinstance(found, Mapping):
            raise InvalidPolicy(f"{path} must be a mapping")
        return found

    def check(self) -> None:
        for path in _WHOLE:
            if self.whole(path) < 0:
                raise InvalidPolicy(f"{path} must not be negative")
        for path in _DECIMALS:
            self.decimal(path)
        for currency, rate in self.mapping("reference.rates").items():
            if not isinstance(rate, str) or _decimal(rate, currency) <= 0:
                raise InvalidPolicy(f"reference.rates.{currency} must be a positive decimal text")
            exponent(currency)
        self._check_statuses()
        self._check_grades(self.value("grades"))

    def _check_statuses(self) -> None:
        statuses = self.mapping("eligibility.status")
        if set(statuses) != set(ELIGIBILITY_RULES):
            raise InvalidPolicy(f"eligibility.status must name {', '.join(ELIGIBILITY_RULES)}")
        identity = self.mapping("identity")
        known = {status.value for status in Status}
        for place, status in (*statuses.items(), *identity.items()):
            if status not in known:
                raise InvalidPolicy(f"{place}: {status!r} is no status")

    @staticmethod
    def _check_grades(grades: Sequence[Mapping[str, Any]]) -> None:
        if len(grades) != 10:
            raise InvalidPolicy("grades must be ten, best first")
        for better, worse in pairwise(grades):
            for name in ("advance_bps", "auto_ceiling"):
                if worse[name] > better[name]:
                    raise InvalidPolicy(f"grades: {name} must not rise as risk rises")


_WHOLE = (
    "version", "eligibility.window.min_days_to_due", "eligibility.aged.from_invoice_days",
    "eligibility.aged.terms_multiple", "eligibility.aged.past_due_days",
    "eligibility.cross_age_bps", "eligibility.dispute_whole_bps", "eligibility.max_terms_days",
    "eligibility.concentration_bps", "duplicates.amount_tolerance_bps", "duplicates.window_days",
    "duplicates.recurring_count", "duplicates.retyped_days", "limits.single_invoice",
    "limits.seller_cap",
    "limits.seller_turnover_bps", "limits.debtor_cap", "limits.debtor_purchase_months",
    "limits.floor", "thin_file.min_settled", "thin_file.advance_bps", "thin_file.auto_ceiling",
    "challenger.max_gap_points", "advance.product_cap_bps", "advance.dilution_cap_bps",
    "advance.unverified_haircut_bps", "advance.tenor_step_days", "advance.tenor_free_days",
    "advance.tenor_step_bps", "advance.fx_haircut_bps", "advance.new_debtor_paid",
    "advance.new_debtor_bps", "advance.round_to_bps", "advance.uneconomic_below_bps",
    "pricing.funding_day_count", "pricing.year_days", "pricing.min_tenor_days",
    "offer.valid_hours",
)  # fmt: skip
_DECIMALS = (
    "pricing.cost_of_funds", "pricing.lgd", "pricing.opex_fixed", "pricing.opex_rate",
    "pricing.capital_ratio", "pricing.return_on_equity", "pricing.tax", "pricing.margin",
    "pricing.min_price_30d",
)  # fmt: skip


def _decimal(text: str, place: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise InvalidPolicy(f"{place}: {text!r} is no decimal") from None


def _date(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InvalidPolicy(f"effective_on: {value!r} is no ISO date") from None
