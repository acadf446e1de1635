"""`ifp assess FILE`: what the book in a file is worth, in the terminal, as a page and as Excel."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.options import AsJson, Var, as_date, read_settings
from orchestration.console import ExitCode, Progress, fail, out, show_json, show_table

if TYPE_CHECKING:
    from orchestration.assess.assessing import Assessed

_BASIS = {
    "given": "as asked",
    "latest_event": "the latest day on which anything in it happened; --as-of changes it",
    "today": "today, since it has no date; --as-of changes it",
}
_REJECTS_SHOWN = 10


def assess(
    file: Annotated[Path, typer.Argument(help="Receivables, CSV or Excel, columns in any order.")],
    currency: Annotated[
        str | None, typer.Option("--currency", help="Currency of a file that names none, as USD.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            help="Look at the book on this day; default: the latest day in the file.",
        ),
    ] = None,
    seller: Annotated[
        str | None, typer.Option("--seller", help="Whose receivables; default: the file's name.")
    ] = None,
    tenant: Annotated[str, typer.Option("--tenant", help="For which financier.")] = "alder",
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", help="Read the columns as this mapping.yml says."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write the page to this file.")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Also write the workbook to this file.")
    ] = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Say what the book in a file of receivables is worth, and why.

    What is outstanding and how old, who pays how late, when the open invoices will probably be
    paid, what is eligible and why the rest is not, how much hangs on few debtors, what looks like
    a duplicate, what would make more eligible, and the advance on offer with its price. The file
    goes through the same pipeline as every other source, in a warehouse of its own under
    `var/assessments`; nothing is decided or paid, so the figures are indicative.

    Exit codes: 0 every row was read and every total agrees · 1 a partial answer: rows could not be
    read (they are listed), or a total differs · 2 no answer: the message says what to change.

    Example: `ifp assess receivables.csv --currency USD`
    """
    settings = read_settings(var)
    for given in filter(None, (file, mapping)):
        if not given.is_file():
            raise fail(f"no such file: {given}", ExitCode.USAGE)
    from models.domain.errors import DomainError
    from orchestration.assess import assessing
    from orchestration.assess.warehouse import FileRefused
    from orchestration.dbt import DbtError

    options = assessing.Options(
        file=file,
        currency=currency.upper() if currency else None,
        as_of=as_date(as_of),
        seller=seller,
        tenant_id=tenant,
        mapping=mapping,
    )
    try:
        found = assessing.assess(settings, options, Progress(is_quiet=as_json))
    except (FileRefused, DomainError) as error:
        raise fail(f"{file.name}: {error}", ExitCode.USAGE) from None
    except DbtError as error:
        raise fail(f"the marts could not be built: {error}", ExitCode.FELL_SHORT) from None
    for name, wanted in (("html", html), ("xlsx", xlsx)):
        if wanted is not None:
            shutil.copyfile(found.folder / found.result["reports"][name], wanted)
    if as_json:
        show_json(found.result)
    else:
        _show(found, html=html, xlsx=xlsx)
    if not found.result["ok"]:
        raise SystemExit(int(ExitCode.FELL_SHORT))


def _show(found: Assessed, *, html: Path | None, xlsx: Path | None) -> None:
    from apps.look import plural

    result, console = found.result, out()
    file = result["file"]
    rows = plural(file["rows"], "row")
    rows += f", {file['rejected']:,} not readable" if file["rejected"] else ", all read"
    console.print(f"\n{file['name']}: {rows}", markup=False)
    console.print(f"As of {result['as_of']}, {_BASIS[result['as_of_basis']]}", markup=False)
    columns = result["mapping"]["columns"] or {}
    told = ", ".join(f"{column} = {meaning}" for meaning, column in columns.items())
    console.print(f"Columns: {told}", style="dim", markup=False)
    if result["unused_columns"]:
        unused = ", ".join(result["unused_columns"])
        console.print(f"Not used: {unused}", style="dim", markup=False)
    for text in result["headline"]:
        console.print(f"\n{text}", style="bold", markup=False)
    for item in result["currencies"]:
        several = len(result["currencies"]) > 1
        _show_currency(item, date.fromisoformat(result["as_of"]), several=several)
    _show_rejects(result)
    console.print()
    for note in result["notes"]:
        console.print(note, style="dim", markup=False)
    folder = found.folder
    console.print(f"\nPage      {html or folder / result['reports']['html']}", markup=False)
    console.print(f"Workbook  {xlsx or folder / result['reports']['xlsx']}", markup=False)
    console.print(
        f"Next: open the page · ifp assess {file['name']} --as-of DAY · --mapping"
        f" {folder / 'mapping.yml'} to read the columns otherwise",
        markup=False,
    )


def _show_currency(item: Mapping[str, Any], as_of: date, *, several: bool) -> None:
    from apps.reports.book_assessment import questions
    from apps.reports.book_assessment_tables import TABLES
    from orchestration.commands.assess_lines import COLUMNS, lines

    console = out()
    if several:
        console.print(f"\n── {item['currency']} ──", style="bold", markup=False)
    for asked in questions(item, as_of):
        console.print(f"\n{asked.title}", style="bold", markup=False)
        console.print(asked.answer, markup=False)
        for name in asked.tables:
            if name in COLUMNS:
                heads, rows, more = lines(name, TABLES[name], item)
                if rows:
                    console.print()
                    show_table("", heads, rows)
                if more:
                    console.print(f"… {more:,} more in the workbook", style="dim")


def _show_rejects(result: Mapping[str, Any]) -> None:
    if not result["rejects_total"]:
        return
    console = out()
    console.print("\nWhat could not be read?", style="bold")
    show_table(
        "",
        ["place", "reason", "what to change"],
        [
            (row["place"], row["reason_code"], row["detail"])
            for row in result["rejects"][:_REJECTS_SHOWN]
        ],
    )
    if result["rejects_total"] > _REJECTS_SHOWN:
        console.print(f"{_REJECTS_SHOWN} of {result['rejects_total']:,}; the page has more")
