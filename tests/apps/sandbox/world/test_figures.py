"""A world is measured and drawn as the documentation shows it."""

from __future__ import annotations

from apps.sandbox.world.figures import draw, measure_world


def test_the_picture_is_small_and_says_how_many_are_late(small_world, tmp_path):
    figures = measure_world(small_world / "world.sqlite")
    draw(figures, tmp_path / "docs" / "picture.svg")
    text = (tmp_path / "docs" / "picture.svg").read_text()
    assert len(text) < 10_000
    assert f"late {figures.delay.late_rate:.1%}" in text
    assert text.startswith("<svg")
    assert text.rstrip().endswith("</svg>")


def test_only_standing_sales_invoices_are_measured(small_world, rows):
    figures = measure_world(small_world / "world.sqlite")
    standing = rows(
        "select count(*) from records where entity = 0 and kind = 'ACCREC' "
        "and updated_ms <= 1782849600000 and superseded_ms > 1782849600000 "
        "and status in ('AUTHORISED', 'PAID')"
    )[0][0]
    assert figures.invoices == standing
    assert len(figures.delays) == figures.settled < figures.invoices
