"""The questions about risk: who will probably pay late, and what it would cost.

Every request that was assessed has a score beside its decision; amounts are those of the request.
Expected loss is what the decision itself states: basis points of the advance, over its term.
"""

from dataclasses import dataclass
from typing import Any

from apps.access.personal_data import party_label, party_note
from apps.warehouse import Snapshot


@dataclass(frozen=True)
class Outlook:
    """What assessed requests of one currency amount to, and what is expected of them.

    Attributes:
        requests: number of assessed requests.
        face_minor: what they are worth.
        late_minor: expected part of it that is paid after the due date.
        advance_minor: what was advanced on approvals.
        late_advance_minor: expected part of the advances whose invoice is paid late.
        loss_minor: expected loss on these advances over their terms.
        pd_ppm: probability of default, weighted by face.
    """

    requests: int
    face_minor: int
    late_minor: int
    advance_minor: int
    late_advance_minor: int
    loss_minor: int
    pd_ppm: int | None


@dataclass(frozen=True)
class GradeRow(Outlook):
    """The same for one grade: 1 is best, none where no grade was given.

    Attributes:
        grade: the grade.
        approved: how many of the requests were approved.
        late_ppm: probability of paying late, weighted by face.
    """

    grade: int | None
    approved: int
    late_ppm: int | None


@dataclass(frozen=True)
class DebtorRisk:
    """A debtor with its exposure, its score and what the bureau says of it."""

    debtor_id: str
    label: str
    country: str | None
    open_minor: int
    past_due_minor: int
    share_ppm: int
    advance_minor: int
    loss_minor: int
    late_ppm: int | None
    worst_grade: int | None
    paydex: int | None
    failure_class: int | None
    bureau_limit_minor: int | None
    bureau_currency: str | None
    is_insolvent: bool
    note: str | None


_ASSESSED = """
    select
        decisions.*,
        coalesce(scores.late_ppm, 0) as scored_late_ppm,
        if(outcome = 'approve', advance_minor, 0) as advanced_minor
    from decisions.decisions as decisions
    left join scores.receivable_scores as scores using (receivable_id)
    where decisions.currency = $currency
      and ($seller = '' or decisions.seller_id = $seller)
      and ($grade = '' or decisions.grade = try_cast($grade as bigint))
    qualify row_number() over (
        partition by decisions.receivable_id order by decisions.ledger_index desc
    ) = 1
"""
_SUMS = """
    count(*) as requests,
    coalesce(sum(face_minor), 0)::bigint as face_minor,
    coalesce(sum(face_minor::hugeint * scored_late_ppm) // 1000000, 0)::bigint as late_minor,
    coalesce(sum(advanced_minor), 0)::bigint as advance_minor,
    coalesce(sum(advanced_minor::hugeint * scored_late_ppm) // 1000000, 0)::bigint
        as late_advance_minor,
    coalesce(sum(advanced_minor::hugeint * coalesce(el_bps, 0)) // 10000, 0)::bigint as loss_minor,
    (sum(face_minor::hugeint * pd_ppm) // nullif(sum(face_minor) filter (pd_ppm is not null), 0))
        ::bigint as pd_ppm
"""


def currencies(snapshot: Snapshot) -> list[str]:
    """Return the currencies requests were assessed in, the most frequent first."""
    query = "select currency from decisions.decisions group by 1 order by count(*) desc, 1"
    return [str(row["currency"]) for row in snapshot.rows(query)]


def outlook(snapshot: Snapshot, currency: str, seller: str = "", grade: str = "") -> Outlook:
    """Return what is expected of all assessed requests that fit."""
    query = f"select {_SUMS} from ({_ASSESSED})"  # noqa: S608 - constant text
    return Outlook(**next(snapshot.rows(query, _asked(currency, seller, grade))))


def by_grade(
    snapshot: Snapshot, currency: str, seller: str = "", grade: str = ""
) -> list[GradeRow]:
    """Return the same by grade, best first, requests without a grade last."""
    query = f"""
        select grade, {_SUMS},
               count(*) filter (outcome = 'approve') as approved,
               (sum(face_minor::hugeint * scored_late_ppm) // nullif(sum(face_minor), 0))::bigint
                   as late_ppm
        from ({_ASSESSED})
        group by grade
        order by grade nulls last
    """  # noqa: S608 - constant text
    return [GradeRow(**row) for row in snapshot.rows(query, _asked(currency, seller, grade))]


def debtors(
    snapshot: Snapshot, currency: str, seller: str, grade: str, limit: int, offset: int
) -> list[DebtorRisk]:
    """Return debtors by what they owe, largest first, with score and bureau facts.

    Args:
        snapshot: what to read.
        currency: ISO 4217 code.
        seller: only what is owed to this seller; to all when empty.
        grade: only debtors with an assessed request of this grade; any when empty.
        limit: at most so many.
        offset: leave out so many of the largest.
    """
    asked = {**_asked(currency, seller, grade), "limit": limit, "offset": offset}
    return [_debtor(row) for row in snapshot.rows(_DEBTORS, asked)]


def debtor_count(snapshot: Snapshot, currency: str, seller: str = "", grade: str = "") -> int:
    """Return how many debtors `debtors` would list."""
    asked = _asked(currency, seller, grade)
    if grade:
        query = f"{_OWING} select count(*) as n from owing"  # noqa: S608 - constant text
    else:
        query = f"select count(*) as n from ({_OWED})"  # noqa: S608 - constant text
        del asked["grade"]
    return int(next(snapshot.rows(query, asked))["n"])


def _asked(currency: str, seller: str, grade: str) -> dict[str, Any]:
    return {"currency": currency, "seller": seller, "grade": grade}


def _debtor(row: dict[str, Any]) -> DebtorRisk:
    name, book = row.pop("display_name"), row.pop("book_minor")
    return DebtorRisk(
        label=party_label(name, row["debtor_id"]),
        note=party_note(name, row["debtor_id"]),
        share_ppm=row["open_minor"] * 1_000_000 // book if book else 0,
        **row,
    )


_OWED = """
    select ageing.debtor_id,
           sum(open_minor)::bigint as open_minor,
           coalesce(sum(open_minor) filter (bucket <> 'not_due'), 0)::bigint as past_due_minor
    from marts_portfolio.fct_ageing as ageing
    where as_of_on = (select max(as_of_on) from marts_portfolio.fct_ageing)
      and currency = $currency and basis = 'due'
      and ($seller = '' or seller_id = $seller)
    group by ageing.debtor_id
    having sum(open_minor) > 0
"""
_OWING = f"""
    with assessed as ({_ASSESSED}),
    judged as (
        select debtor_id,
               sum(advanced_minor)::bigint as advance_minor,
               (sum(advanced_minor::hugeint * coalesce(el_bps, 0)) // 10000)::bigint as loss_minor,
               (sum(face_minor::hugeint * scored_late_ppm) // nullif(sum(face_minor), 0))::bigint
                   as late_ppm,
               max(grade) as worst_grade
        from assessed
        group by debtor_id
    ),
    owing as (
        select * from ({_OWED})
        where $grade = '' or debtor_id in (select debtor_id from judged)
    )
"""  # noqa: S608 - constant text
_DEBTORS = f"""
    {_OWING},
    listed as (
        select *, (select sum(open_minor) from owing)::bigint as book_minor
        from owing
        order by open_minor desc, debtor_id
        limit $limit offset $offset
    )
    select listed.*, known.display_name, known.country, known.paydex, known.failure_class,
           known.bureau_limit_minor, known.bureau_currency,
           coalesce(known.is_insolvent, false) as is_insolvent,
           coalesce(judged.advance_minor, 0)::bigint as advance_minor,
           coalesce(judged.loss_minor, 0)::bigint as loss_minor,
           judged.late_ppm, judged.worst_grade
    from listed
    left join judged using (debtor_id)
    left join marts_risk.dim_debtors as known using (debtor_id)
    order by listed.open_minor desc, listed.debtor_id
"""  # noqa: S608 - constant text
