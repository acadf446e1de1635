"""The questions about decisions that screens and reports ask of a snapshot.

As in `apps.questions`, every function reads one tenant's rows and amounts of different currencies
are never added.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.warehouse import Snapshot
from models.domain.reasons import CATALOGUE


@dataclass(frozen=True)
class Funding:
    """What approvals in one currency amount to."""

    approvals: int
    face_minor: int
    advance_minor: int


BLOCKING_REASONS = """
    select reasons.*
    from decisions.reasons as reasons
    left join (
        select decision_id, code, status from decisions.checks where code is not null
    ) as checks
        on checks.decision_id = reasons.decision_id and checks.code = reasons.code
    where checks.status in ('refer', 'error', 'hard_reject')
       or (checks.status is null and reasons.reason_group <> 'score')
"""
"""Reasons that stood in the way: of a check that did not pass, or of the outcome itself. The others
only explain a score."""


def funding(snapshot: Snapshot, currency: str, seller: str = "") -> Funding:
    """Return what the approvals of one currency amount to, of one seller where it is given."""
    row = next(
        snapshot.rows(
            """
            select count(*) as approvals, coalesce(sum(face_minor), 0)::bigint as face_minor,
                   coalesce(sum(advance_minor), 0)::bigint as advance_minor
            from decisions.decisions
            where outcome = 'approve' and currency = $currency
              and ($seller = '' or seller_id = $seller)
            """,
            {"currency": currency, "seller": seller},
        )
    )
    return Funding(**row)


def general_text(code: str, text: str) -> str:
    """Return what a reason code says of any request, without one request's own values."""
    known = CATALOGUE.get(code)
    return re.sub(r"\{\w+\}", "…", known[1]) if known else text


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
