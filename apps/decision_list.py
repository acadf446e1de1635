"""The list of decisions as a reader narrows it, one page of rows at a time.

    filters ──► ids and faces that fit ──► count, sums, and the rows of one page with their names

Everything is counted and sorted in SQL; only the rows of the page shown are joined with names.
"""

from dataclasses import dataclass, fields
from typing import Any

import polars as pl

from apps.decided import BLOCKING_REASONS, general_text
from apps.warehouse import Snapshot


@dataclass(frozen=True)
class Narrowed:
    """What a reader wants to see; an empty text means any.

    Attributes:
        outcome: `approve`, `refer` or `reject`.
        seller: a seller's id.
        currency: ISO 4217 code.
        grade: risk grade, 1 to 10.
        reason: code of a reason that the decision carries.
        text: part of an invoice number or of a seller's or debtor's name.
    """

    outcome: str = ""
    seller: str = ""
    currency: str = ""
    grade: str = ""
    reason: str = ""
    text: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return any(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True)
class OutcomeCount:
    """Requests of one outcome and currency that fit, with face and advance."""

    outcome: str
    currency: str
    requests: int
    face_minor: int
    advance_minor: int


@dataclass(frozen=True)
class ReasonCount:
    """How many decisions that fit a reason stood in the way of.

    Attributes:
        code: the reason's code.
        text: what it says of any request.
        group: what it is about, such as `eligibility`.
        requests: decisions it kept from approval.
        referred: those of them that wait for a person.
        rejected: those of them that were rejected.
    """

    code: str
    text: str
    group: str
    requests: int
    referred: int
    rejected: int


_CONDITIONS = {
    "outcome": "decisions.outcome = $outcome",
    "seller": "decisions.seller_id = $seller",
    "currency": "decisions.currency = $currency",
    "grade": "decisions.grade = try_cast($grade as bigint)",
    "reason": "decisions.decision_id in "
    "(select decision_id from decisions.reasons where code = $reason)",
    "text": """decisions.receivable_id in (
        select receivables.receivable_id
        from marts_risk.fct_receivables as receivables
        left join marts_risk.dim_sellers as sellers using (seller_id)
        left join marts_risk.dim_debtors as debtors
            on debtors.debtor_id = receivables.debtor_id
        where contains(
            lower(concat_ws(' ', receivables.number, sellers.display_name, debtors.display_name)),
            $text
        )
    )""",
}
_ORDER = "decisions.face_minor desc, decisions.decision_id"


def counts(snapshot: Snapshot, narrowed: Narrowed) -> list[OutcomeCount]:
    """Return the decisions that fit by outcome and currency, the most frequent first."""
    where, parameters = _where(narrowed)
    query = f"""
        select decisions.outcome, decisions.currency, count(*) as requests,
               coalesce(sum(decisions.face_minor), 0)::bigint as face_minor,
               coalesce(sum(decisions.advance_minor) filter (outcome = 'approve'), 0)::bigint
                   as advance_minor
        from decisions.decisions as decisions
        {where}
        group by all
        order by requests desc, decisions.currency, decisions.outcome
    """  # noqa: S608 - constant text
    return [OutcomeCount(**row) for row in snapshot.rows(query, parameters)]


def reasons(snapshot: Snapshot, narrowed: Narrowed) -> list[ReasonCount]:
    """Return what kept decisions that fit from approval, the most frequent reason first."""
    where, parameters = _where(narrowed)
    query = f"""
        with fitting as (
            select decisions.decision_id, decisions.outcome
            from decisions.decisions as decisions
            {where}
        ),
        counted as (
            select distinct decision_id, code, reason_group, outcome
            from ({BLOCKING_REASONS}) as reasons
            join fitting using (decision_id)
            where outcome <> 'approve'
        )
        select code, min(reason_group) as "group", count(*) as requests,
               count(*) filter (outcome = 'refer') as referred,
               count(*) filter (outcome = 'reject') as rejected
        from counted
        group by code
        order by requests desc, code
    """  # noqa: S608 - constant text
    return [
        ReasonCount(text=general_text(row["code"], row["code"]), **row)
        for row in snapshot.rows(query, parameters)
    ]


def rows(snapshot: Snapshot, narrowed: Narrowed, limit: int | None, offset: int) -> pl.DataFrame:
    """Return decisions that fit, largest face value first, with the names a list shows.

    Args:
        snapshot: what to read.
        narrowed: what to leave out.
        limit: at most so many; all without.
        offset: leave out so many of the largest.
    """
    where, parameters = _where(narrowed)
    page = "" if limit is None else f"limit {limit:d} offset {offset:d}"
    query = f"""
        with listed as (
            select decisions.*
            from decisions.decisions as decisions
            {where}
            order by {_ORDER}
            {page}
        )
        select decisions.*, receivables.number, receivables.issued_on, receivables.due_on,
               sellers.display_name as seller_name, debtors.display_name as debtor_name
        from listed as decisions
        left join marts_risk.fct_receivables as receivables using (receivable_id)
        left join marts_risk.dim_sellers as sellers on sellers.seller_id = decisions.seller_id
        left join marts_risk.dim_debtors as debtors on debtors.debtor_id = decisions.debtor_id
        order by {_ORDER}
    """  # noqa: S608 - constant text
    return snapshot.frame(query, parameters)


def currencies(snapshot: Snapshot) -> list[str]:
    """Return the currencies decisions were made in, in order of their codes."""
    query = "select distinct currency from decisions.decisions order by 1"
    return [str(row["currency"]) for row in snapshot.rows(query)]


def grades(snapshot: Snapshot) -> list[str]:
    """Return the grades that occur, best first."""
    query = "select distinct grade from decisions.decisions where grade is not null order by 1"
    return [str(row["grade"]) for row in snapshot.rows(query)]


def _where(narrowed: Narrowed) -> tuple[str, dict[str, Any]]:
    """Return a where clause of the conditions asked for, and its parameters."""
    asked = {name: str(getattr(narrowed, name)).strip() for name in _CONDITIONS}
    asked = {name: value for name, value in asked.items() if value}
    if "text" in asked:
        asked["text"] = asked["text"].lower()
    conditions = " and ".join(_CONDITIONS[name] for name in asked)
    return (f"where {conditions}" if conditions else ""), asked
