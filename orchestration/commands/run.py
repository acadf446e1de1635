"""`ifp run`: the whole line once, on the sandbox's world or on receivables files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.options import AsJson, AsOf, Var, as_date, read_settings
from orchestration.console import ExitCode, Progress, fail, out, show_json, show_table

if TYPE_CHECKING:
    from orchestration.settings import Settings

Files = Annotated[
    list[Path] | None,
    typer.Argument(help="Receivables files (CSV or Excel) to run instead of the sandbox's books."),
]
Currency = Annotated[
    str | None, typer.Option("--currency", help="Currency of files that name none, as USD.")
]
Seller = Annotated[
    str | None, typer.Option("--seller", help="Whose receivables the files hold; default: the file")
]
TenantOfFiles = Annotated[str, typer.Option("--tenant", help="Whose book the files belong to.")]
Evaluate = Annotated[
    bool,
    typer.Option("--evaluate", help="Compare F01 and F02 with the sandbox's answer key after."),
]


def run(
    files: Files = None,
    currency: Currency = None,
    as_of: AsOf = None,
    seller: Seller = None,
    tenant: TenantOfFiles = "alder",
    evaluate: Evaluate = False,
    seed: Annotated[int | None, typer.Option("--seed", help="Sandbox: which world.")] = None,
    sellers: Annotated[int | None, typer.Option("--sellers", help="Sandbox: sellers.")] = None,
    debtors: Annotated[int | None, typer.Option("--debtors", help="Sandbox: debtors.")] = None,
    invoices: Annotated[int | None, typer.Option("--invoices", help="Sandbox: invoices.")] = None,
    months: Annotated[int | None, typer.Option("--months", help="Sandbox: months.")] = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Take every invoice the whole way once: from the sources to the verified ledger.

    Without FILES the sandbox's world is read: Xero books of 20 sellers, their bank, the bureau.
    It starts when it is not running and ends with the run. Running again does nothing twice.

    With FILES, receivables in any column order are taken instead; the mapping found is kept
    under var/mappings and may be edited. Example:

    `ifp run receivables.csv --currency USD --as-of 2013-06-30`
    """
    started = time.monotonic()
    sizes = {"seed": seed, "sellers": sellers, "debtors": debtors, "invoices": invoices}
    sizes["months"] = months
    settings = read_settings(var, **{f"sandbox_{name}": size for name, size in sizes.items()})
    if files:
        missing = [str(path) for path in files if not path.is_file()]
        if missing:
            raise fail(f"no such file: {', '.join(missing)}", ExitCode.USAGE)
    from orchestration import flow, priority

    priority.give_way()
    options = flow.Options(
        files=tuple(files or ()),
        currency=currency,
        seller=seller,
        tenant_id=tenant,
        as_of=as_date(as_of),
        evaluate=evaluate,
    )
    summary = flow.run(settings, options, Progress(is_quiet=as_json))
    summary["seconds"] = round(time.monotonic() - started, 1)
    if as_json:
        show_json(summary)
    else:
        _show(summary, settings)
    if not summary["ok"]:
        raise SystemExit(int(ExitCode.FELL_SHORT))


def _show(summary: dict[str, Any], settings: Settings) -> None:
    console = out()
    console.print()
    show_table(
        "Rows per stage",
        ["stage", "tables", "rows"],
        [(item["stage"], item["tables"], item["rows"]) for item in summary["stages"]],
    )
    console.print()
    show_table(
        "Control totals",
        ["tenant", "entity", "currency", "records", "source", "marts", "rounding", "difference"],
        _grouped(summary["control_totals"]),
    )
    console.print()
    for line in _told(summary):
        console.print(line, markup=False)
    console.print(f"\nNext: ifp decisions · ifp audit verify · ifp up   (var: {settings.var})")


def _grouped(totals: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    from models.domain.money import Money, to_decimal

    names = ("source_count", "source_minor", "mart_minor", "rounding_minor", "difference_minor")
    sums: dict[tuple[str, str, str], list[int]] = {}
    for row in totals:
        key = (str(row["tenant_id"]), str(row["entity"]), str(row["currency"]))
        cells = sums.setdefault(key, [0] * len(names))
        for place, name in enumerate(names):
            cells[place] += int(row.get(name) or 0)
    return [
        (*key, count, *(to_decimal(Money(minor, key[2])) for minor in amounts))
        for key, (count, *amounts) in sorted(sums.items())
    ]


def _told(summary: dict[str, Any]) -> list[str]:
    from models.domain.money import Money

    checks, decisions = summary["checks"], summary["decisions"]
    payments, notices, ledger = summary["payments"], summary["notices"], summary["ledger"]
    amounts = ", ".join(
        str(Money(minor, currency)) for currency, minor in payments["confirmed_minor"].items()
    )
    lines = [
        f"Checks     {checks['passed']} passed, {checks['warned']} warned,"
        f" {checks['failed']} failed",
        f"Decisions  {decisions['total']}: {decisions['approve']} approved,"
        f" {decisions['refer']} referred, {decisions['reject']} rejected"
        f" ({decisions['new']} new in this run)",
        f"Payments   {payments['sent']} sent, {payments['confirmed']} confirmed,"
        f" {payments['rejected']} rejected" + (f"; {amounts}" if amounts else ""),
        f"Notices    {notices['delivered']} of {notices['queued']} delivered",
        f"Reports    {summary['reports']['delivered']} of {summary['reports']['queued']} delivered",
        f"Snapshot   {summary['snapshot']['snapshot_id'] if summary['snapshot'] else '–'}",
        f"Ledger     {ledger['size']} entries, root {ledger['root']},"
        f" {'verified' if ledger['verified'] else 'NOT VERIFIED'}",
    ]
    for rule, found in (summary.get("evaluation") or {}).items():
        lines.append(
            f"{rule}        recall {found['recall']}, precision {found['precision']}"
            f" ({found['found']} found, {found['planted']} planted)"
        )
    lines += _unsettled(summary)
    lines += [f"FAILED     {step}: {cause}" for step, cause in summary["failed_steps"].items()]
    problems = [f"  {item['kind']}: {item['detail']}" for item in ledger["problems"]]
    return [*lines, *problems, f"Done       as of {summary['as_of']} in {summary['seconds']} s"]


def _unsettled(summary: dict[str, Any]) -> list[str]:
    """Say what was not read whole and what is still owed, and what to do about it."""
    lines = [
        f"{item['status'].upper():<10} {item['connection_id']} {item['entity']}: {item['cause']}"
        for item in summary["syncs"]["causes"]
    ]
    queue = summary["queue"]
    if queue["open"] or queue["dead_letters"]:
        lines.append(
            f"Queue      {queue['open']} wait for the next run or the worker,"
            f" {queue['dead_letters']} given up: ifp queue list"
        )
    return lines
