"""Options that several verbs share, so that they read and behave alike everywhere."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration import logs, places, settings
from orchestration.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")]
Var = Annotated[
    Path | None, typer.Option("--var", help="Folder of everything a run produces (IFP_VAR).")
]
Tenant = Annotated[str | None, typer.Option("--tenant", help="Only this financier's rows.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most this many rows.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        help="Decide with what was known at the end of this day; default: the sandbox's day.",
    ),
]


def read_settings(var: Path | None = None, **overrides: object) -> Settings:
    """Read the settings, with the command line winning, and turn the logs on."""
    found = settings.load(var=var, **overrides)
    where = places.at(found.var)
    logs.configure(where.logs, level=found.log_level, form=found.log_format)
    return found


def as_date(moment: datetime | None) -> date | None:
    """Turn what the option parsed into the date that was meant."""
    return None if moment is None else moment.date()
