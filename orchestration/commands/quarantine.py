"""`ifp quarantine`: what could not be landed, and how it is corrected and replayed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.options import AsJson, Limit, Tenant, Var, read_settings
from orchestration.console import ExitCode, fail, out, show_json, show_table

if TYPE_CHECKING:
    from orchestration.resources.warehouse import Warehouse

app = typer.Typer(no_args_is_help=True, help="Records that could not be landed, with reasons.")

_COLUMNS = (
    "quarantine_id",
    "tenant_id",
    "connection_id",
    "system",
    "entity",
    "record_id",
    "endpoint",
    "position",
    "reason_code",
    "detail",
    "fetched_at",
)
_LIST = f"""
select {", ".join(_COLUMNS)}
from raw_quarantine.records
where replayed_at is null and (? is null or tenant_id = ?)
order by fetched_at desc, quarantine_id limit ?
"""  # noqa: S608 - our own column names


@app.command("list")
def list_records(
    tenant: Tenant = None, limit: Limit = 50, var: Var = None, as_json: AsJson = False
) -> None:
    """List open records with place and reason; the bytes stay in the warehouse."""
    from orchestration.resources.warehouse import has_table

    warehouse = _warehouse(var)
    rows: list[tuple[object, ...]] = []
    if warehouse.path.exists():
        with warehouse.open() as connection:
            if has_table(connection, "raw_quarantine", "records"):
                rows = connection.execute(_LIST, [tenant, tenant, limit]).fetchall()
    if as_json:
        show_json({"records": [dict(zip(_COLUMNS, row, strict=True)) for row in rows]})
        return
    if not rows:
        out().print("Nothing is in quarantine: every record read was landed or known.")
        return
    show_table("", list(_COLUMNS), rows)
    out().print("\nNext: correct the bytes in a file, then ifp quarantine replay ID FILE")


@app.command()
def replay(
    quarantine_id: Annotated[str, typer.Argument(help="Id of the record.")],
    corrected: Annotated[Path, typer.Argument(help="File with the record's corrected bytes.")],
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Land a corrected record through the same door as everything else."""
    from datetime import UTC, datetime

    from ingestion.replay import replay as land

    if not corrected.is_file():
        raise fail(f"no such file: {corrected}", ExitCode.USAGE)
    settings = read_settings(var)
    with _warehouse(var).held() as path:
        report = land(
            {quarantine_id: corrected.read_bytes()},
            warehouse=path,
            var=settings.var,
            now=datetime.now(UTC),
        )
    landed = report.total("landed") + report.total("unchanged")
    if as_json:
        show_json({"landed": landed, "entities": [asdict(item) for item in report.entities]})
    elif landed:
        out().print(f"{landed} landed. Next: ifp run")
    if not landed:
        raise fail(f"{quarantine_id} did not land; `ifp quarantine list`", ExitCode.FELL_SHORT)


def _warehouse(var: Path | None) -> Warehouse:
    from orchestration import places
    from orchestration.resources.warehouse import Warehouse

    settings = read_settings(var)
    where = places.at(settings.var)
    return Warehouse(settings.warehouse_path or where.warehouse, where.lock)
