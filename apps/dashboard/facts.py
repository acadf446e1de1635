"""The facts a decision was made on, named and written for people.

Columns carry their unit in their name (`_ppm` parts per million, `_mdays` thousandths of a day,
`_minor` minor units); here the unit moves into the value.
"""

from datetime import date, datetime
from decimal import Decimal

from apps.dashboard.case import Case
from apps.look import UNKNOWN, day, exact, moment, percent

_SCORES = {
    "grade": "Risk grade, 1 best",
    "pd_ppm": "Probability of default",
    "late_ppm": "Probability of paying late",
    "days_to_pay_p50": "Days to pay, expected",
}
_FEATURES = {
    "n_paid_all": "Paid invoices known of this debtor",
    "late_rate_365_ppm": "Paid late in the last 365 days",
    "dbt_mean_365_mdays": "Days beyond terms, mean of 365 days",
    "open_past_due_share_ppm": "Open and past due",
    "paydex": "Paydex of the credit report",
}
_HIDDEN = frozenset({"tenant_id", "receivable_id", "as_of", "feature_hash"})


def main_facts(case: Case) -> list[list[str]]:
    """Return the few facts a reader wants first, as name and value."""
    currency = case.decision["currency"]
    facts = [
        ["Issued on", day(case.receivable.get("issued_on"))],
        ["Due on", day(case.receivable.get("due_on"))],
        [f"Gross, {currency}", exact(case.receivable.get("gross_minor"), currency)],
        [f"Open, {currency}", exact(case.receivable.get("open_minor"), currency)],
        ["Status in the book", told(case.receivable.get("status")).replace("_", " ")],
    ]
    facts += [
        [label, with_unit(name, case.features[name], currency)]
        for name, label in _FEATURES.items()
        if name in case.features
    ]
    facts += [
        [label, with_unit(name, case.score[name], currency)]
        for name, label in _SCORES.items()
        if name in case.score
    ]
    return facts


def all_features(case: Case) -> list[list[str]]:
    """Return every feature under its own name, as name and value."""
    currency = case.decision["currency"]
    return [
        [name, with_unit(name, value, currency)]
        for name, value in case.features.items()
        if name not in _HIDDEN
    ]


def with_unit(name: str, value: object, currency: str) -> str:
    """Write a value with the unit that its column's name carries."""
    if not isinstance(value, int) or isinstance(value, bool):
        return told(value)
    if name.endswith("_ppm"):
        return percent(value)
    if name.endswith("_mdays"):
        return f"{Decimal(value) / 1000:,.1f} days"
    if name.endswith("_minor"):
        return f"{currency} {exact(value, currency)}"
    return told(value)


def told(value: object) -> str:
    """Write a value of unknown kind; booleans in words, unknown as –."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    return str(value)
