"""The questions about decisions that screens and reports ask of a snapshot.

As in `apps.questions`, every function reads one tenant's rows and amounts of different currencies
are never added.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from apps.look import OUTCOME_LABELS
from apps.warehouse import Snapshot
from models.domain.reasons import CATALOGUE


@dataclass(frozen=True)
class Funding:
    """What approvals in one currency amount to."""

    approvals: int
    face_minor: int
    advance_minor: int


@dataclass(frozen=True)
class ReasonCount:
    """How many decided requests carry a reason."""

    code: str
    text: str
    requests: int


@dataclass(frozen=True)
class OutcomeCount:
    """Requests of one outcome and currency, with face and advance."""

    outcome: str
    currency: str
    requests: int
    face_minor: int
    advance_minor: int


BLOCKING_REASONS = """
    select reasons.*
    from decisions.reasons as reasons
    left join decisions.checks as checks
        on checks.decision_id = reasons.decision_id and checks.code = reasons.code
    where checks.status in ('refer', 'error', 'hard_reject')
       or (checks.status is null and reasons.reason_group <> 'score')
"""
"""Reasons that stood in the way: of a check that did not pass, or of the outcome itself. The others
only explain a score."""


def funding(snapshot: Snapshot, currency: str) -> Funding:
    """Return what the approvals of one currency amount to."""
    row = next(
        snapshot.rows(
            """
            select count(*) as approvals, coalesce(sum(face_minor), 0)::bigint as face_minor,
                   coalesce(sum(advance_minor), 0)::bigint as advance_minor
            from decisions.decisions
            where outcome = 'approve' and currency = $currency
            """,
            {"currency": currency},
        )
    )
    return Funding(**row)


def outcome_counts(snapshot: Snapshot) -> list[OutcomeCount]:
    """Return decided requests by outcome and currency, outcomes in their order."""
    rows = snapshot.rows(
        """
        select outcome, currency, count(*) as requests,
               coalesce(sum(face_minor), 0)::bigint as face_minor,
               coalesce(sum(advance_minor) filter (outcome = 'approve'), 0)::bigint
                   as advance_minor
        from decisions.decisions
        group by outcome, currency
        order by requests desc, currency
        """
    )
    order = list(OUTCOME_LABELS)
    return sorted((OutcomeCount(**row) for row in rows), key=lambda row: order.index(row.outcome))


def reason_counts(snapshot: Snapshot) -> list[ReasonCount]:
    """Return how many requests each reason kept from approval, most frequent first."""
    rows = snapshot.rows(
        f"""
        select reasons.code, any_value(reasons.text order by reasons.text) as text,
               count(distinct reasons.decision_id) as requests
        from ({BLOCKING_REASONS}) as reasons
        join decisions.decisions as decisions using (decision_id)
        where decisions.outcome <> 'approve'
        group by reasons.code
        order by requests desc, reasons.code
        """  # noqa: S608 - constant text
    )
    return [
        ReasonCount(row["code"], general_text(row["code"], row["text"]), row["requests"])
        for row in rows
    ]


def general_text(code: str, text: str) -> str:
    """Return what a reason code says of any request, without one request's own values."""
    known = CATALOGUE.get(code)
    return re.sub(r"\{\w+\}", "…", known[1]) if known else text


@dataclass(frozen=True)
class DecisionList:
    """The decisions that fit a filter.

    Attributes:
        total: how many fit.
        rows: the largest by face value, at most `MOST_LISTED`, with the names a list shows.
    """

    total: int
    rows: pl.DataFrame


MOST_LISTED = 2_000


def decision_list(snapshot: Snapshot, outcome: str, wanted: str) -> DecisionList:
    """Return the decisions that fit a filter, largest face value first.

    Args:
        snapshot: what to read.
        outcome: only this outcome; any when empty.
        wanted: part of an invoice number or of a seller's or debtor's name; any when empty.
    """
    text = wanted.strip().lower()
    parameters = {"outcome": outcome, "wanted": text}
    fitting = _NAMED if text else _OF_OUTCOME
    total = snapshot.frame(f"select count(*) as total from ({fitting})", parameters)  # noqa: S608
    largest = (
        f"select decision_id from ({fitting}) "  # noqa: S608 - constant text
        f"order by face_minor desc, decision_id limit {MOST_LISTED}"
    )
    rows = snapshot.frame(
        f"{_LISTED} where decisions.decision_id in ({largest}) "
        "order by decisions.face_minor desc, decisions.decision_id",
        parameters,
    )
    return DecisionList(int(total["total"][0]), rows)


_LISTED = """
    select decisions.*, receivables.number, receivables.issued_on, receivables.due_on,
           sellers.display_name as seller_name, debtors.display_name as debtor_name
    from decisions.decisions as decisions
    left join marts_risk.fct_receivables as receivables using (receivable_id)
    left join marts_risk.dim_sellers as sellers on sellers.seller_id = decisions.seller_id
    left join marts_risk.dim_debtors as debtors on debtors.debtor_id = decisions.debtor_id
"""
_OF_OUTCOME = """
    select decision_id, face_minor from decisions.decisions
    where ($outcome = '' or outcome = $outcome) and $wanted = ''
"""
_NAMED = f"""
    {_LISTED}
    where ($outcome = '' or decisions.outcome = $outcome)
      and contains(
          lower(concat_ws(' ', receivables.number, sellers.display_name, debtors.display_name)),
          $wanted
      )
"""


def rows_about(snapshot: Snapshot, table: str, key: str, value: str) -> list[Mapping[str, Any]]:
    """Return the rows of a table about one thing, none when the snapshot lacks the table.

    Args:
        snapshot: what to read.
        table: `schema.table`, a constant of the caller.
        key: the column to match, a constant of the caller.
        value: the id to match.
    """
    if not snapshot.has(table):
        return []
    query = f"select * from {table} where {key} = $value"  # noqa: S608 - constants of the caller
    return list(snapshot.rows(query, {"value": value}))
