"""The lineage picture."""

import base64
import re
import xml.etree.ElementTree as ET

from apps.dashboard.lineage import STAGES, Family, picture, stage_state

FAMILIES = [
    Family("raw", "xero", 6, 12_000, "proven"),
    Family("staging", "erp", 5, 11_000, "announced"),
    Family("marts", "risk & more", 6, None, "proven"),
]


def drawing(html: str) -> ET.Element:
    encoded = re.search(r"base64,([^\"]+)", html)
    assert encoded is not None
    return ET.fromstring(base64.b64decode(encoded.group(1)))  # noqa: S314 - drawn by us


def test_columns_are_the_words_of_the_flow_from_left_to_right():
    svg = drawing(picture(FAMILIES, [("raw/xero", "staging/erp")]))
    words = {
        node.text: float(node.attrib["x"])
        for node in svg.iter("{http://www.w3.org/2000/svg}text")
        if node.text in STAGES
    }
    assert [*sorted(words, key=words.__getitem__)] == list(STAGES)


def test_links_to_unknown_families_are_left_out():
    known = drawing(picture(FAMILIES, [("raw/xero", "staging/erp")]))
    unknown = drawing(picture(FAMILIES, [("raw/xero", "staging/none")]))
    assert len(list(known.iter())) == len(list(unknown.iter())) + 1


def test_a_stage_is_no_more_proven_than_its_weakest_family():
    assert stage_state(FAMILIES) == "announced"
    assert stage_state(FAMILIES[:1]) == "proven"
    assert stage_state([]) == "unproven"


def test_the_narrow_form_says_the_same_in_words():
    html = picture(FAMILIES, [])
    assert "xero: 12,000 rows" in html
    assert "risk &amp; more: 6 assets" in html
    assert html.count("nothing yet") >= len(STAGES) - len(FAMILIES)
