"""Cards written by hand, for books whose history is too thin to learn from.

They order receivables by what every credit officer looks at first: how often and how long this
debtor was late, what is past due now, how long the history is, and what the bureau says. Points are
judgement, not measurement, and the card says so (``origin = "expert"``).
"""

from __future__ import annotations

from models.scores.card import Attribute, Card


def lateness() -> Card:
    """Give the card for "paid after the due date"."""
    return Card(
        name="payment_lateness",
        target="paid after the due date",
        origin="expert",
        start=505_000,
        attributes=(
            _line(
                "late_rate_365_ppm",
                "R302",
                {20_000: 80, 100_000: 40, 350_000: 0, 700_000: -40, 950_000: -80},
            ),
            _line("last3_late_rate_ppm", "R309", {0: 6, 333_333: 0, 1_000_000: -10}),
            _line("open_past_due_share_ppm", "R303", {0: 4, 250_000: 0, 1_000_000: -15}),
        ),
        notes=("Points are judgement; the history was too thin to learn from.",),
    )


def default() -> Card:
    """Give the card for default within twelve months."""
    return Card(
        name="debtor_default",
        target="90 days past due or insolvent within twelve months",
        origin="expert",
        start=608_000,
        attributes=(
            _line(
                "late_rate_365_ppm",
                "R302",
                {0: 25, 200_000: 12, 400_000: 0, 700_000: -20, 1_000_000: -35},
            ),
            _line(
                "dbt_mean_365_mdays",
                "R305",
                {-5_000: 12, 0: 8, 5_000: 0, 15_000: -12, 30_000: -30, 60_000: -55},
            ),
            _line("over30_rate_365_ppm", "R304", {0: 6, 100_000: -8, 300_000: -30, 1_000_000: -60}),
            _line(
                "open_past_due_share_ppm", "R303", {0: 8, 250_000: 0, 500_000: -15, 1_000_000: -35}
            ),
            _line("n_paid_365", "R301", {0: -20, 3: -8, 6: 0, 20: 8, 60: 12}),
            _line("failure_percentile", "R307", {1: -60, 10: -35, 30: -10, 50: 0, 80: 12, 100: 20}),
            _line("paydex", "R308", {0: -45, 50: -20, 70: -5, 80: 5, 100: 12}),
        ),
        notes=("Points are judgement; too few defaults were seen to learn from.",),
    )


def _line(feature: str, reason: str, points: dict[int, int]) -> Attribute:
    knots = tuple(points)
    return Attribute(
        feature=feature,
        knots=knots,
        points=tuple(1000 * p for p in points.values()),
        missing=0,
        neutral=0,
        reason=reason,
    )
