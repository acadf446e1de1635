"""The look: one palette in every medium."""

import tomllib
from itertools import pairwise
from pathlib import Path

from apps.dashboard import theme
from apps.look import ORDERED, Colour


def test_the_theme_file_has_the_colours_of_the_palette(root: Path):
    path = root / "apps" / "dashboard" / ".streamlit" / "config.toml"
    config = tomllib.loads(path.read_text(encoding="utf-8"))
    assert config["theme"]["primaryColor"] == Colour.ACCENT
    assert config["theme"]["backgroundColor"] == Colour.PAPER
    assert config["theme"]["textColor"] == Colour.INK
    assert config["theme"]["redColor"] == Colour.ACT_NOW
    assert config["browser"]["gatherUsageStats"] is False


def test_charts_take_the_same_colours():
    config = theme.altair_theme()["config"]
    assert config["background"] == Colour.PAPER
    assert config["range"]["ordinal"] == list(ORDERED)


def test_ordered_colours_get_darker_so_that_grey_print_keeps_the_order():
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    shades = [lightness(colour) for colour in ORDERED]
    assert all(a - b > 15 for a, b in pairwise(shades))


def test_nothing_is_fetched_by_the_style_sheet():
    sheet = theme.style_sheet()
    assert "url(" not in sheet
    assert "@import" not in sheet
