"""Models use only what every engine understands alike; what differs stands in macros."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ROOT / "transform" / "layers"
MODELS = sorted(LAYERS.rglob("*.sql"))
FORBIDDEN = {
    "QUALIFY": r"\bqualify\b",
    "select * exclude or replace": r"\*\s*(exclude|replace)\b",
    "ASOF joins": r"\basof\b",
    "the JSON arrow": r"->>?",
    "quoted identifiers": r'"[A-Za-z_]+"',
    "list literals": r"(?<![\w\])])\[[^\]]*\]",
    "string_agg or listagg": r"\b(string_agg|listagg|group_concat)\s*\(",
    "32-bit floats": r"type_float|\b(real|float|float4|float8|double)\b",
    "intervals of days or more": r"\binterval '?\d+'? ?(day|week|month|year)s?\b(?!'?\s+preceding)",
    "division without nullif": r"(?<![*/-])/(?![*/])\s*(?!nullif|\d)",
    "casts by colons": r"::",
    "the weekday of one engine": r"\b(dayofweek|isodow|dow)\b",
    "regular expressions of one engine": r"\bregexp_\w+\s*\(",
}


def sql_of(path: Path) -> str:
    """The model's SQL without comments, strings and template expressions."""
    text = path.read_text(encoding="utf-8")
    for pattern, instead in (
        (r"\{#.*?#\}", " "),
        (r"\{%.*?%\}", " "),
        (r"\{\{.*?\}\}", " expression "),
        (r"--[^\n]*", " "),
        (r"/\*.*?\*/", " "),
        (r"(?<!interval )'[^']*'", " text "),
    ):
        text = re.sub(pattern, instead, text, flags=re.DOTALL)
    return text.lower()


@pytest.mark.parametrize("construct", sorted(FORBIDDEN))
def test_models_do_not_use(construct):
    using = {
        f"{path.relative_to(LAYERS)}: {found.group()!r}"
        for path in MODELS
        for found in re.finditer(FORBIDDEN[construct], sql_of(path))
    }
    assert not using
