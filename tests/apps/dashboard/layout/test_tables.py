"""Tables: escaped, figures to the right, reachable by keyboard, read a page at a time."""

from apps.dashboard.layout import Cell, Column, mark, table_html


def test_cells_are_escaped():
    html = table_html(
        [Column("<b>"), Column("n", is_figure=True)],
        [[Cell("<script>", note='"', link="?a=<"), "1"]],
        caption="a & b",
    )
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "a &amp; b" in html


def test_figures_are_marked_for_the_right_edge():
    html = table_html(
        [Column("Age"), Column("Open, EUR", is_figure=True)], [["Not due", "1.00"]], caption="x"
    )
    assert '<td class="n">1.00</td>' in html
    assert "<td>Not due</td>" in html


def test_a_table_can_be_reached_and_scrolled_by_keyboard():
    assert 'tabindex="0" role="region"' in table_html([Column("a")], [["b"]], caption="c")


def test_a_mark_says_its_meaning_in_words():
    assert ">refer</span>" in mark("refer", "attention")
