"""From checks to a verdict with ranked reasons and what would change it.

Worst status wins. Reasons: policy rejections first, then what asks for a person, then what the
scores cost; inside a group the order of the checks. At most eight are shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.domain.outcomes import Check, Outcome, Reason, Scalar, Status
from models.domain.reasons import reason

REASONS_SHOWN = 8
TARGETED = {"R501", "R502", "R503", "R504", "R605", "R113", "R120"}
"""Reasons whose threshold is something the seller can aim at."""


def outcome(checks: Sequence[Check]) -> Outcome:
    """Combine the checks."""
    return Outcome.of(Status.worst(check.status for check in checks))


def reasons(
    checks: Sequence[Check], scored: Sequence[tuple[str, Scalar, int]], verdict: Outcome
) -> tuple[Reason, ...]:
    """Rank the reasons of a decision.

    Args:
        checks: All checks in order.
        scored: Code, feature value and points lost, worst first.
        verdict: The outcome; an approval names only what eligibility took and what scores cost.
    """
    hits = [c for c in checks if c.code is not None and c.status is not Status.PASS]
    ordered = sorted(hits, key=lambda check: -check.status.rank)
    seen: dict[str, tuple[Scalar, Scalar]] = {}
    for check in ordered:
        seen.setdefault(str(check.code), (check.value, check.threshold))
    if verdict is not Outcome.APPROVE or not seen:
        for code, value, _lost in scored:
            seen.setdefault(code, (_shown(code, value), None))
    return tuple(
        reason(code, rank, value, threshold)
        for rank, (code, (value, threshold)) in enumerate(list(seen.items())[:REASONS_SHOWN], 1)
    )


def counterfactuals(checks: Sequence[Check]) -> tuple[tuple[str, str], ...]:
    """Name thresholds that, once met, would remove a reason."""
    return tuple(
        (str(check.code), str(check.threshold))
        for check in checks
        if check.code in TARGETED and check.threshold is not None
    )


def _shown(code: str, value: Scalar) -> Scalar:
    """Give thousandths of a day as days, where the text names days."""
    return value // 1000 if code == "R305" and isinstance(value, int) else value
