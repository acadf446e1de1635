"""Which debtors carry the risk, and how much of the limits is used?"""

import polars as pl

from apps import exposure_limits, risk
from apps.dashboard import session
from apps.dashboard.layout import Cell, Column, empty, heading, offer, paged, pages, table
from apps.exposure_limits import LimitUse
from apps.look import exact, percent, plural
from apps.risk import DebtorRisk
from apps.warehouse import Snapshot

PAGE = "risk"
_NEARLY_FULL = 900_000
_MOST_LIMITS = 12


def debtors(snapshot: Snapshot, currency: str, seller: str, grade: str) -> None:
    """Show debtors by what they owe, with their score and what the bureau says of them."""
    total = session.remembered(risk.debtor_count, snapshot, currency, seller, grade)
    if not total:
        return
    heading("Which debtors carry it?", "By what they owe, with what the credit bureau says.")
    part = paged(total, "debtor", page=PAGE, limit=15)
    listed = session.remembered(
        risk.debtors, snapshot, currency, seller, grade, part.limit, part.offset
    )
    table(
        [
            Column("Debtor"),
            Column(f"Open, {currency}", is_figure=True),
            Column("Of open", is_figure=True),
            Column(f"Past due, {currency}", is_figure=True, is_extra=True),
            Column("Pays late", is_figure=True),
            Column("Worst grade", is_figure=True),
            Column("Paydex", is_figure=True),
            Column("Failure class", is_figure=True, is_extra=True),
            Column("Bureau's limit", is_figure=True, is_extra=True),
        ],
        [_debtor(row, currency) for row in listed],
        caption=f"{part.said}; Paydex 80 is on terms, failure class 1 is best",
    )
    pages(total, page=PAGE, limit=15)
    offer(
        snapshot,
        f"Download {plural(total, 'debtor')} as CSV",
        f"risk-{currency}",
        lambda: _file(snapshot, currency, seller, grade, total),
    )


def _debtor(row: DebtorRisk, currency: str) -> list[Cell | str]:
    unknown = "The bureau told nothing about this debtor"
    limit = (
        Cell(f"{row.bureau_currency} {exact(row.bureau_limit_minor, row.bureau_currency)}")
        if row.bureau_limit_minor is not None and row.bureau_currency
        else Cell("–", note=unknown)
    )
    return [
        Cell(row.label, note=row.note, flag=("insolvent", "act") if row.is_insolvent else None),
        exact(row.open_minor, currency),
        Cell(percent(row.share_ppm), share_ppm=row.share_ppm),
        exact(row.past_due_minor, currency),
        _known(percent(row.late_ppm), row.late_ppm, "No request of this debtor was assessed"),
        _known(str(row.worst_grade), row.worst_grade, "No request of this debtor was graded"),
        _known(str(row.paydex), row.paydex, unknown),
        _known(str(row.failure_class), row.failure_class, unknown),
        limit,
    ]


def _known(text: str, value: int | None, otherwise: str) -> Cell:
    return Cell("–", note=otherwise) if value is None else Cell(text)


def limits(snapshot: Snapshot, currency: str) -> None:
    """Show the fullest limits: what the ledger holds against what the policy gave."""
    heading("How much of the limits is used?")
    used = session.ledger().exposures(snapshot.tenant_id)
    uses = exposure_limits.uses(snapshot, used, currency)
    if not uses:
        empty(
            f"Nothing is drawn on a limit in {currency}.",
            "A seller's line and a debtor's limit are drawn on when a request is approved, and "
            "freed when the invoice is paid.",
        )
        return
    shown = uses[:_MOST_LIMITS]
    table(
        [
            Column("Whose limit"),
            Column("Limit", is_extra=True),
            Column(f"Used, {currency}", is_figure=True),
            Column(f"Limit, {currency}", is_figure=True, is_extra=True),
            Column("Used of limit", is_figure=True),
        ],
        [_limit(use, currency) for use in shown],
        caption=f"The {len(shown)} fullest of {plural(len(uses), 'limit')} drawn on, as the ledger "
        "holds them now; limits as of the newest decision that asked for them",
    )


def _limit(use: LimitUse, currency: str) -> list[Cell | str]:
    is_full = use.used_ppm is not None and use.used_ppm >= _NEARLY_FULL
    return [
        Cell(use.label, note=use.party_id),
        exposure_limits.KINDS[use.kind],
        exact(use.used_minor, currency),
        Cell("–", note="No decision of this snapshot asked for this limit")
        if use.limit_minor is None
        else exact(use.limit_minor, currency),
        Cell(percent(use.used_ppm), tone="attention")
        if is_full
        else Cell(percent(use.used_ppm), share_ppm=use.used_ppm),
    ]


def _file(snapshot: Snapshot, currency: str, seller: str, grade: str, total: int) -> pl.DataFrame:
    """Return every debtor with exposure, score and bureau facts; amounts in minor units."""
    found = risk.debtors(snapshot, currency, seller, grade, total, 0)
    rows = [{"currency": currency, **vars(row)} for row in found]
    return pl.DataFrame(rows, infer_schema_length=None)
