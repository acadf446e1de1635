"""Key figures: escaped, at most four, currency and scale set smaller than the digits."""

from apps.dashboard.layout.figures import KeyFigure, key_figures_html


def test_units_are_set_apart_from_the_digits():
    shown = key_figures_html([KeyFigure("Open book", "EUR 1.24 M", "owed")])
    assert '<span class="u">EUR </span>1.24<span class="u"> M</span>' in shown
    assert '<dd class="v">–</dd>' in key_figures_html([KeyFigure("a", "–", "b")])


def test_texts_are_escaped_and_a_fifth_figure_is_left_out():
    figures = [KeyFigure("<b>", "1", '"&') for _ in range(5)]
    shown = key_figures_html(figures)
    assert shown.count("<dt>") == 4
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown
