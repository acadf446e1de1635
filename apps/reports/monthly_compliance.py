"""The monthly compliance report: what the book is worth, what was decided and paid, and the proof.

    snapshot + ledger ──► collect ──► Report ──► render_pdf | render_workbook

A report is a function of a snapshot, a ledger head and a month; the same three give the same
figures. Source: the report pack of the domain notes, monthly part.
"""

import calendar
from datetime import date

from apps.look import OUTCOME_LABELS, money, percent, plural, share_ppm
from apps.questions import books
from apps.reports import arrival_sections, book_section, compliance_sections, pdf, workbook
from apps.reports.document import Origin, Report
from apps.reports.pdf import Paper
from apps.warehouse import Snapshot
from ledger.store import Ledger

TITLE = "Monthly compliance report"


def collect(snapshot: Snapshot, ledger: Ledger, month: date) -> Report:
    """Collect every figure of the report for one tenant.

    Args:
        snapshot: one tenant's published snapshot.
        ledger: where it was announced and its decisions stand.
        month: any day of the month to report on.
    """
    period = month_of(month)
    origin = _origin(snapshot, ledger)
    return Report(
        title=TITLE,
        period=period,
        summary=_summary(snapshot, period),
        origin=origin,
        sections=(
            book_section.book(snapshot),
            compliance_sections.decisions(snapshot, period),
            compliance_sections.payments(snapshot, period),
            arrival_sections.control_totals(snapshot),
            arrival_sections.arrivals(snapshot),
            arrival_sections.quality(snapshot),
            arrival_sections.seal(snapshot, origin),
        ),
    )


def render_pdf(report: Report, paper: Paper = "a4") -> bytes:
    """Return the report as PDF, A4 or US Letter."""
    return pdf.render(report, paper)


def render_workbook(report: Report) -> bytes:
    """Return the report as Excel workbook."""
    return workbook.render(report)


def file_stem(report: Report) -> str:
    """Return the report's file name without its ending, such as `compliance-alder-2026-06`."""
    return f"compliance-{report.origin.tenant_id}-{report.period[0]:%Y-%m}"


def month_of(day: date) -> tuple[date, date]:
    """Return the first and last day of a day's month."""
    last = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day=1), day.replace(day=last)


def _origin(snapshot: Snapshot, ledger: Ledger) -> Origin:
    publication = snapshot.origin
    size = ledger.size()
    policies = snapshot.frame(
        "select distinct policy_hash from decisions.decisions order by policy_hash"
    )["policy_hash"]
    return Origin(
        tenant_id=snapshot.tenant_id,
        snapshot_id=snapshot.snapshot_id,
        snapshot_sha256=publication.sha256,
        as_of=publication.as_of,
        is_stale=snapshot.is_stale,
        publication_index=publication.ledger_index,
        ledger_size=size,
        ledger_root=ledger.root(size).hex(),
        checkpoint=ledger.checkpoint(),
        policy_hashes=tuple(str(policy) for policy in policies if policy is not None),
    )


def _summary(snapshot: Snapshot, period: tuple[date, date]) -> str:
    owed = books(snapshot)
    decided = snapshot.frame(
        "select outcome, count(*) as n from decisions.decisions "
        "where decided_at::date between $first and $last group by outcome",
        {"first": period[0], "last": period[1]},
    )
    numbers = dict(zip(decided["outcome"], decided["n"], strict=True))
    total = sum(numbers.values())
    book = (
        f"On {snapshot.origin.as_of:%Y-%m-%d} debtors owed "
        f"{money(owed[0].open_minor, owed[0].currency)} on "
        f"{plural(owed[0].receivables, 'open receivable')}, "
        f"{percent(share_ppm(owed[0].past_due_minor, owed[0].open_minor))} of it past due."
        if owed
        else "No receivable is open."
    )
    outcomes = ", ".join(
        f"{numbers.get(code, 0):,} {label.lower()}" for code, label in OUTCOME_LABELS.items()
    )
    decisions = (
        f" In {period[0]:%B %Y}, {plural(total, 'request')} were decided: {outcomes}."
        if total
        else f" In {period[0]:%B %Y} no request was decided."
    )
    return book + decisions
