"""Which rules of data quality failed, where, and what follows from it."""

from apps import quality
from apps.dashboard.layout import (
    Cell,
    Choice,
    Column,
    address,
    empty,
    filters,
    heading,
    note,
    table,
)
from apps.look import count, percent, plural, share_ppm
from apps.quality import RuleResult, RuleSummary
from apps.warehouse import Snapshot


def show(snapshot: Snapshot, rules: list[RuleResult]) -> None:
    """Show the rules that something breaks, together or place by place."""
    heading("Which rules failed?")
    if not rules:
        empty("No rule was applied yet.", "A run applies them to every table.", command="ifp run")
        return
    summaries = quality.summarised(rules)
    broken = [one for one in summaries if one.worst != "kept"]
    if not broken:
        note(f"All {plural(len(summaries), 'rule')} were kept by every record.", tone="good")
        return
    codes = {one.rule: quality.rule_text(one.rule) for one in broken}
    chosen = filters.bar("rules", [Choice("rule", "Place by place", codes, every="All rules")])
    if chosen["rule"]:
        _places(next(one for one in broken if one.rule == chosen["rule"]))
        return
    table(
        [
            Column("Rule"),
            Column("Most broken in", is_extra=True),
            Column("Broken by", is_figure=True, is_extra=True),
            Column("Of checked", is_figure=True),
            Column("Consequence"),
        ],
        [
            [
                Cell(
                    codes[one.rule], link=address("quality", snapshot, rule=one.rule), note=one.rule
                ),
                _most(one),
                count(one.failed),
                _share(one.failed, one.checked),
                _MARKS[one.worst],
            ]
            for one in broken
        ],
        caption=f"{plural(len(broken), 'rule')} of {count(len(summaries))} found something; the "
        "others were kept by every record",
    )


def _most(rule: RuleSummary) -> str:
    if not rule.broken:
        return "–"
    more = len(rule.broken) - 1
    return _where(rule.broken[0]) + (f" and {plural(more, 'other place')}" if more else "")


def _where(result: RuleResult) -> str:
    entity = result.entity.replace("_", " ")
    return f"{result.connection_id} · {entity}" if result.connection_id else entity


def _places(rule: RuleSummary) -> None:
    table(
        [
            Column("Where"),
            Column("Broken by", is_figure=True),
            Column("Of checked", is_figure=True),
            Column("Consequence"),
        ],
        [
            [
                _where(one),
                count(one.failed),
                _share(one.failed, one.checked),
                _MARKS[quality.consequence(one)],
            ]
            for one in rule.broken
        ],
        caption=f"{plural(len(rule.broken), 'place')} of {count(rule.places)} break this rule",
        total=[
            "Together",
            count(rule.failed),
            percent(share_ppm(rule.failed, rule.checked), 2),
            "",
        ],
    )


def _share(failed: int, checked: int) -> Cell:
    share = share_ppm(failed, checked)
    return Cell(percent(share, 2), share_ppm=share, note=f"{checked:,} records were looked at")


_MARKS = {
    "holds back": Cell("holds the tenant back", tone="act"),
    "over": Cell("over tolerance", tone="attention"),
    "within": Cell("within tolerance", tone="rest"),
    "kept": Cell("kept", tone="good"),
}
