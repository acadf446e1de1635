"""The page loads nothing, escapes everything and says when it is partial."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from apps.reports.book_assessment_page import render

VOID = {"meta", "rect", "line", "polygon", "polyline"}


class Tags(HTMLParser):
    """Holds every opening tag against a closing one."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what opens."""
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave what closes itself."""

    def handle_endtag(self, tag: str) -> None:
        """Hold what closes against what opened."""
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.fixture
def result() -> dict[str, Any]:
    """An answer as `result.json` holds it."""
    return json.loads(Path(__file__).with_name("assessment.json").read_text(encoding="utf-8"))


def test_nothing_is_loaded_from_anywhere(result: dict[str, Any]) -> None:
    page = render(result)
    assert not re.search(r"https?://|//|url\(|@import|<script|<link|<img", page)


def test_tags_close_and_links_lead_somewhere(result: dict[str, Any]) -> None:
    tags = Tags()
    tags.feed(render(result))
    assert tags.open == []
    assert len(tags.ids) == len(set(tags.ids))
    assert {link.removeprefix("#") for link in tags.links} <= set(tags.ids)


def test_text_of_the_file_is_never_markup(result: dict[str, Any]) -> None:
    result["file"]["name"] = "<script>alert(1)</script>.csv"
    result["rejects"][0]["detail"] = "<img src=x>"
    page = render(result)
    assert "<b>AG</b>" not in page
    assert "Alt &lt;b&gt;AG&lt;/b&gt;" in page
    assert "<script" not in page
    assert "<img" not in page


def test_a_partial_answer_says_so_and_links_to_the_rows(result: dict[str, Any]) -> None:
    page = render(result)
    assert "Partial: 1 row could not be read" in page
    assert 'id="unread"' in page or "id='unread'" in page


def test_totals_that_differ_are_the_first_thing_read(result: dict[str, Any]) -> None:
    result["currencies"][0]["control"]["difference_minor"] = 1
    assert "The totals in EUR do not agree" in render(result)


def test_currencies_stand_apart(result: dict[str, Any]) -> None:
    page = render(result)
    assert page.index(">EUR</h2>") < page.index(">USD</h2>")
    result["currencies"] = result["currencies"][:1]
    assert "</h2>" not in render(result)


def test_a_file_without_receivables_has_a_page(result: dict[str, Any]) -> None:
    result.update(currencies=[], headline=["It holds no receivable."])
    assert "It holds no receivable." in render(result)
