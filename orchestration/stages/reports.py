"""The monthly compliance report: rendered per tenant from the published snapshot, sent by mail.

A month's report is delivered once per day of knowledge, however often the line runs on that day.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ledger.entry import Actor, Entry
from orchestration import hashes, identifiers
from orchestration.lineage import SYSTEM

if TYPE_CHECKING:
    from pathlib import Path

    from apps.reports.document import Report
    from apps.warehouse import Publication
    from orchestration.platform import Platform

KIND = "monthly_compliance"
MAIL = Actor("counterpart", "mail")
_PDF = "application/pdf"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def deliver(platform: Platform, month: str) -> dict[str, Any]:
    """Render and deliver the report of a month for every tenant that did not get it yet.

    Args:
        platform: The opened platform.
        month: First day of the month, ISO.
    """
    from apps.warehouse import latest_publication

    publication = latest_publication(platform.ledger)
    sent = {
        tenant_id: _deliver(platform, publication, tenant_id, date.fromisoformat(month))
        for tenant_id in sorted(publication.tenants)
    }
    return {"month": month, "delivered": sum(sent.values()), "tenants": len(sent)}


def _deliver(platform: Platform, publication: Publication, tenant_id: str, month: date) -> bool:
    """Deliver one tenant's report; tell whether it was new."""
    message_id = identifiers.message_id(
        KIND, f"{tenant_id}:{month.isoformat()}:{platform.clock.as_of:%Y-%m-%d}"
    )
    state = platform.ledger.projection("messages", tenant_id=tenant_id, key=message_id)
    if state and state[0]["status"] == "delivered":
        return False
    report, pdf, workbook = _rendered(platform, publication, tenant_id, month)
    body = {
        "message_id": message_id,
        "kind": KIND,
        "channel": "mail",
        "status": "queued",
        "month": month.isoformat(),
        "snapshot_id": report.origin.snapshot_id,
        "files": [pdf.name, workbook.name],
        "sha256": [hashes.of_file(pdf), hashes.of_file(workbook)],
    }
    if not state:
        platform.ledger.append(_entry(platform, "message", tenant_id, body))
    mail_id = _send(platform, tenant_id, report, message_id, (pdf, workbook))
    delivered = {"message_id": message_id, "status": "delivered", "mail_message_id": mail_id}
    platform.ledger.append(_entry(platform, "message_status", tenant_id, delivered))
    return True


def _rendered(
    platform: Platform, publication: Publication, tenant_id: str, month: date
) -> tuple[Report, Path, Path]:
    from apps.access.roles import Role, User
    from apps.reports import monthly_compliance
    from apps.warehouse import open_snapshot

    reader = User("orchestration", "Monthly report", {tenant_id: Role.COMPLIANCE})
    snapshot = open_snapshot(publication, platform.places.published, reader, tenant_id)
    try:
        report = monthly_compliance.collect(snapshot, platform.ledger, month)
        folder = platform.places.reports / snapshot.snapshot_id
        folder.mkdir(parents=True, exist_ok=True)
        pdf = folder / f"{monthly_compliance.file_stem(report)}.pdf"
        workbook = pdf.with_suffix(".xlsx")
        pdf.write_bytes(monthly_compliance.render_pdf(report))
        workbook.write_bytes(monthly_compliance.render_workbook(report))
    finally:
        snapshot.connection.close()
    return report, pdf, workbook


def _send(
    platform: Platform, tenant_id: str, report: Report, message_id: str, files: tuple[Path, Path]
) -> str:
    from orchestration.resources.notifier import Attachment

    pdf, workbook = files

    return platform.notifier.send(
        to=platform.counterparts.report_to(tenant_id),
        subject=f"{report.title}, {report.period[0]:%B %Y}, {report.origin.tenant_id}",
        text=f"{report.summary}\n\nSnapshot {report.origin.snapshot_id},"
        f" ledger root {report.origin.ledger_root}.\n",
        key=message_id,
        at=platform.clock.as_of,
        attachments=(
            Attachment(pdf.name, _PDF, pdf.read_bytes()),
            Attachment(workbook.name, _EXCEL, workbook.read_bytes()),
        ),
    )


def _entry(platform: Platform, kind: str, tenant_id: str, body: dict[str, Any]) -> Entry:
    return Entry(
        type=kind,
        tenant_id=tenant_id,
        occurred_at=platform.clock.as_of,
        actor=SYSTEM if kind == "message" else MAIL,
        subjects=(KIND,),
        body=body,
    )
