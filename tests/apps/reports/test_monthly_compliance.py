"""The monthly compliance report: its figures and where they come from."""

from datetime import date
from decimal import Decimal

from apps.reports import monthly_compliance
from apps.reports.document import Report, Table
from tests.apps.published_world import World


def sheet(report: Report, name: str) -> Table:
    return next(table for table in report.tables if table.name == name)


def test_the_book_equals_the_open_receivables(report: Report, world: World):
    owed: dict[str, int] = {}
    for row in world.book.receivables:
        if row["tenant_id"] == "alder":
            owed[row["currency"]] = owed.get(row["currency"], 0) + row["open_minor"]
    shown = {row[0]: row[3] for row in sheet(report, "Book").rows}
    assert shown == {currency: Decimal(minor).scaleb(-2) for currency, minor in owed.items()}


def test_every_figure_names_its_tables_and_every_report_its_evidence(report: Report, world: World):
    assert all(table.source for table in report.tables)
    origin = report.origin
    assert origin.snapshot_id == world.snapshot_id
    with world.ledger() as ledger:
        assert origin.ledger_root == ledger.root(origin.ledger_size).hex()
        assert ledger.entry(origin.publication_index).entry.type == "publication"
    assert origin.policy_hashes == (world.book.decisions[0]["policy_hash"],)


def test_only_the_months_decisions_count(report: Report, world: World):
    own = [row for row in world.book.decisions if row["tenant_id"] == "alder"]
    assert sum(row[2] for row in sheet(report, "Decisions").rows) == len(own)
    assert report.period == (date(2026, 6, 1), date(2026, 6, 30))


def test_a_month_without_decisions_says_so(world: World):
    from apps.access.sign_in import demo_user
    from apps.warehouse import latest_publication, open_snapshot

    with world.ledger() as ledger:
        publication = latest_publication(ledger)
        snapshot = open_snapshot(publication, world.var / "published", demo_user(), "birch")
        quiet = monthly_compliance.collect(snapshot, ledger, date(2024, 2, 3))
    assert quiet.period == (date(2024, 2, 1), date(2024, 2, 29))
    assert "no request was decided" in quiet.summary
    assert all(table.name != "Decisions" for table in quiet.tables)
    assert monthly_compliance.render_pdf(quiet).startswith(b"%PDF")
    assert monthly_compliance.render_workbook(quiet).startswith(b"PK")


def test_ledger_entries_are_counted_by_type(report: Report, world: World):
    counted = {row[0]: row[1] for row in sheet(report, "Ledger entries").rows}
    own = [row for row in world.book.decisions if row["tenant_id"] == "alder"]
    assert counted["decision"] == len(own)


def test_the_file_name_says_tenant_and_month(report: Report):
    assert monthly_compliance.file_stem(report) == "compliance-alder-2026-06"


def test_sheet_names_fit_and_are_unique(report: Report):
    names = [table.name for table in report.tables]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 31 for name in names)
