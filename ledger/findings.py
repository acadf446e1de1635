"""What a verification finds, told in a form that people and programs can use."""

from __future__ import annotations

from dataclasses import dataclass

MOST_PROBLEMS = 20
"""Problems of one kind that are listed; more are only counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        kind: ``entry_changed``, ``entry_moved``, ``entry_missing``, ``column_changed`` …
        index: The entry it is about, where there is one.
        detail: What was found, in a sentence.
    """

    kind: str
    index: int | None
    detail: str


class Findings:
    """Collects problems, a limited number of each kind."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.counts: dict[str, int] = {}

    def add(self, kind: str, index: int | None, detail: str) -> None:
        """Note one problem."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] <= MOST_PROBLEMS:
            self.problems.append(Problem(kind, index, detail))
