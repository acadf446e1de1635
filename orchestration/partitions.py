"""The calendars by which assets are cut, once: reports by month."""

from __future__ import annotations

from datetime import date, datetime

import dagster as dg

MONTHS = dg.MonthlyPartitionsDefinition(start_date="2010-01-01", end_offset=1)
"""Calendar months in UTC, the running one included."""


def month_of(moment: date | datetime) -> str:
    """Return the key of the month a moment lies in."""
    return f"{moment:%Y-%m}-01"
