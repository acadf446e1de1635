"""Control totals: from what a file holds to what is outstanding, and on to what is eligible.

Each is a sum of named lines; the difference is carried along and is 0 when every amount is where
it says it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

RULES: Mapping[str, str] = {
    "E01": "Not open, or repeats another invoice exactly",
    "E03": "Too old",
    "E04": "Old credit balances, left out of the netting",
    "E05": "Other invoices of debtors with too much aged",
    "E06": "Affiliates",
    "E08": "Country not covered",
    "E09": "The seller owes the debtor too",
    "E10": "Disputed",
    "E13": "Payment terms too long, or due before issued",
    "E14": "Debtor insolvent",
    "E15": "Currency not supported",
    "E17": "Above the share one debtor may have",
}
"""Eligibility rule to what people read."""


@dataclass(frozen=True, slots=True)
class Control:
    """What became of a file's amounts, one currency.

    Attributes:
        file_minor: Everything the file states.
        rejected_minor: Rows that could not be read, where their amount could.
        repeated_minor: Rows that say the same again.
        after_as_of_minor: Issued after the day looked at.
        rounding_minor: Digits the currency does not have.
        other_minor: Rows without an issue date or a currency.
        sign_minor: Credit notes written without a sign: taken off instead of added.
        settled_minor: Paid or credited by then.
        outstanding_minor: The rest.
    """

    file_minor: int
    rejected_minor: int
    repeated_minor: int
    after_as_of_minor: int
    rounding_minor: int
    other_minor: int
    sign_minor: int
    settled_minor: int
    outstanding_minor: int

    @property
    def difference_minor(self) -> int:
        """What is not accounted for."""
        lines = (
            self.rejected_minor, self.repeated_minor, self.after_as_of_minor, self.rounding_minor,
            self.other_minor, self.sign_minor, self.settled_minor, self.outstanding_minor,
        )  # fmt: skip
        return self.file_minor - sum(lines)

    def body(self) -> dict[str, int]:
        """Give the mapping of the answer."""
        return {**asdict(self), "difference_minor": self.difference_minor}


def waterfall(
    receivables: pl.DataFrame, lines: pl.DataFrame, codes: Mapping[str, str]
) -> dict[str, Any]:
    """Give outstanding, what each rule takes, and eligible.

    Args:
        receivables: Borrowing base of one currency: ``open_minor, eligible_minor``.
        lines: What was taken: ``rule, amount_minor``, one row per receivable and rule.
        codes: Rule to reason code.
    """
    gross = int(receivables["open_minor"].sum())
    eligible = int(receivables["eligible_minor"].sum())
    sums = {
        rule: (int(count), int(minor))
        for rule, count, minor in lines.group_by("rule")
        .agg(pl.len(), pl.col("amount_minor").sum())
        .iter_rows()
    }
    taken = [
        {
            "rule": rule,
            "code": codes[rule],
            "text": RULES[rule],
            "receivables": sums[rule][0],
            "minor": sums[rule][1],
        }
        for rule in codes
        if rule in sums
    ]
    return {
        "gross_minor": gross,
        "lines": taken,
        "eligible_minor": eligible,
        "difference_minor": gross - sum(minor for _, minor in sums.values()) - eligible,
    }
