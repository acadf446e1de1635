"""The report as PDF."""

import pypdfium2
import pytest

from apps.reports import pdf
from apps.reports.document import Report
from apps.reports.pdf import Paper


def pages(content: bytes) -> list[tuple[float, float, str]]:
    found = []
    with pypdfium2.PdfDocument(content) as document:
        for page in document:
            text = page.get_textpage()
            found.append((*page.get_size(), text.get_text_range()))
            text.close()
            page.close()
    return found


@pytest.mark.parametrize(("paper", "size"), [("a4", (595.3, 841.9)), ("us-letter", (612, 792))])
def test_every_page_says_its_number_snapshot_entry_and_policy(
    report: Report, paper: Paper, size: tuple[float, float]
):
    found = pages(pdf.render(report, paper))
    for number, (width, height, text) in enumerate(found, start=1):
        assert (width, height) == pytest.approx(size, abs=0.5)
        assert f"page {number} of {len(found)}" in text
        assert report.origin.snapshot_id in text
        assert f"ledger entry {report.origin.publication_index} of" in text
        assert report.origin.policy_hashes[0][:12] in text


def test_the_answers_stand_in_the_text_with_their_figures(report: Report):
    text = " ".join(" ".join(page[2].split()) for page in pages(pdf.render(report)))
    assert "What is the book worth?" in text
    assert "Do the figures add up to the sources?" in text
    assert f"{report.tables[0].rows[0][3]:,}" in text
    assert report.origin.ledger_root in text.replace(" ", "")


def test_the_same_report_gives_the_same_bytes(report: Report):
    assert pdf.render(report) == pdf.render(report)
