"""`ifp evaluate FILE`: lateness measured on a file of settled invoices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration.commands.options import AsJson, Var, read_settings
from orchestration.console import ExitCode, Progress, fail, out, show_json, show_table


def evaluate(
    file: Annotated[Path, typer.Argument(help="Settled invoices, CSV or Excel, any columns.")],
    currency: Annotated[
        str | None, typer.Option("--currency", help="Currency of a file that names none.")
    ] = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Measure how well "late" is predicted, beside the best single feature and a constant.

    Trained on what was settled before a day, tested on what was issued after it, at five such
    days; intervals by bootstrap over whole debtors. Columns are found by name and content.
    """
    read_settings(var)
    if not file.is_file():
        raise fail(f"no such file: {file}", ExitCode.USAGE)
    from ingestion.documents.sheet import DocumentRefused
    from models.domain.errors import DomainError
    from orchestration import evaluation

    try:
        with Progress(is_quiet=as_json).step("Read, train and test at five origins"):
            found = evaluation.evaluate(file, currency=currency)
    except (DocumentRefused, DomainError) as error:
        raise fail(str(error), ExitCode.USAGE) from None
    if as_json:
        show_json(found)
    else:
        _show(found)
    if not found["origins"]:
        raise SystemExit(int(ExitCode.FELL_SHORT))


def _show(found: dict[str, Any]) -> None:
    console = out()
    console.print(
        f"{found['file']}: {found['rows']} rows, {found['settled']} settled invoices,"
        f" {found['rejected']} not readable",
        markup=False,
    )
    show_table(
        "AUC for late, out of time, with 95 % intervals",
        ["tested from", "invoices", "card", "challenger", "best single feature", "gain"],
        [
            (
                item["origin"],
                item["test_count"],
                _interval(item["auc_ppm"]["card"]),
                _interval(item["auc_ppm"]["challenger"]),
                f"{_interval(item['auc_ppm']['single'])} {item['single_feature']}",
                _interval(item["gain_ppm"]),
            )
            for item in found["origins"]
        ],
    )
    console.print("A constant scores 0.5. A gain whose interval holds 0 is not distinguishable.")


def _interval(figure: dict[str, int]) -> str:
    value, low, high = (figure[name] / 1_000_000 for name in ("value", "low", "high"))
    return f"{value:.3f} ({low:.3f} to {high:.3f})"
