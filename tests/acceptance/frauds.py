"""Promise 8: planted duplicates are found on a world that nobody tuned for."""

from __future__ import annotations

from pathlib import Path

from measurement import Measurement, ifp

LINE = 8
SEED = "90210"
REQUIRED = {"F01": (1.0, 0.99), "F02": (0.9, 0.9)}


def trials(scratch: Path) -> list[Measurement]:
    """Run on an unused seed and compare with its answer key."""
    done = ifp("run", "--evaluate", "--seed", SEED, "--json", var=scratch / "frauds")
    found = done.json().get("evaluation", {})
    rows = []
    for rule, (recall, precision) in REQUIRED.items():
        figures = found.get(rule) or found.get(rule.lower()) or {}
        is_ok = figures.get("recall", 0) >= recall and figures.get("precision", 0) >= precision
        measured = (
            f"recall {figures.get('recall')}, precision {figures.get('precision')}"
            if figures
            else done.last_words
        )
        rows.append(
            Measurement(
                LINE,
                f"{rule} on seed {SEED}",
                f"recall ≥ {recall}, precision ≥ {precision}",
                measured,
                is_ok,
            )
        )
    return rows
