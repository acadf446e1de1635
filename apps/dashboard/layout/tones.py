"""What a mark or a note may mean, in words and in colour; colour alone never carries it."""

from collections.abc import Mapping
from html import escape
from typing import Literal

Tone = Literal["good", "attention", "act", "rest"]
"""`good` is done or proven, `attention` wants a look, `act` needs a person now, `rest` is quiet."""

OUTCOME_TONES: Mapping[str, Tone] = {"approve": "good", "refer": "attention", "reject": "rest"}
"""How decisions are marked: a rejection is final and needs nobody, so it is quiet."""


def mark(text: str, tone: Tone) -> str:
    """Return a short coloured mark as HTML; the word alone carries the meaning too."""
    return f'<span class="ifp-mark {tone}">{escape(text)}</span>'
