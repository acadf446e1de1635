"""SQL that DuckDB 1.5 now and then fails on stands nowhere in the tree."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("apps", "benchmarks", "ingestion", "ledger", "models", "orchestration", "transform")
WHOLE_WINDOW = re.compile(
    r"\b(sum|count|avg|min|max)\s*\([^()]*\)\s*(filter\s*\([^()]*\)\s*)?over\s*\(\s*\)",
    re.IGNORECASE,
)


def test_no_aggregate_is_taken_over_a_whole_result():
    """An aggregate `over ()` on few rows races and invalidates the database (DuckDB 25713).

    A scalar subquery gives the same and holds.
    """
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in {".py", ".sql"}
        for match in WHOLE_WINDOW.finditer(path.read_text(encoding="utf-8"))
    }
    assert not found
