"""How the score has done: its published card, whether it drifts, and what happened after it spoke.

The card's figures come from the ledger entry that published the model, measured on invoices issued
after those it learnt from. Drift and outcomes come from the snapshot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.warehouse import Snapshot
from ledger.store import Ledger

MODEL_ID = "receivable_scores"
_FEWEST = 50


@dataclass(frozen=True)
class Interval:
    """A measured figure in parts per million with its 95 % interval."""

    value: int
    low: int
    high: int


@dataclass(frozen=True)
class ModelCard:
    """The models in force and how good they were on invoices they had not seen.

    Attributes:
        sha256: hash of the stored models.
        ledger_index: the entry that published them.
        trained_as_of: knowledge time of the training, ISO.
        examples: invoices known then.
        figures: measured out of time; empty where there was too little history.
    """

    sha256: str
    ledger_index: int
    trained_as_of: str
    examples: int | None
    figures: Mapping[str, Any]

    def auc(self, name: str) -> Interval | None:
        """Return the AUC of `card`, `challenger`, `single` or `constant`."""
        return _interval(self.figures.get("auc_ppm", {}).get(name))

    @property
    def gain(self) -> Interval | None:
        """AUC of the card minus that of the best single history feature, paired."""
        return _interval(self.figures.get("gain_ppm"))


@dataclass(frozen=True)
class Drift:
    """Whether the newest month's requests are graded like those before.

    Attributes:
        month: the newest month with decisions, as `2026-06`.
        before: decisions by grade before that month.
        now: decisions by grade in it.
        psi_ppm: population stability index, parts per million.
        critical_ppm: what chance alone exceeds in one case of twenty.
    """

    month: str
    before: Mapping[int, int]
    now: Mapping[int, int]
    psi_ppm: int
    critical_ppm: int

    @property
    def is_shifted(self) -> bool:
        """Whether the shift is more than chance."""
        return self.psi_ppm > self.critical_ppm


@dataclass(frozen=True)
class Outcome:
    """Scored receivables that were settled since, by expected lateness.

    Attributes:
        band: `under 10 %`, `10–25 %` and so on.
        settled: how many.
        expected_ppm: mean probability of paying late.
        late_ppm: share that was paid late.
    """

    band: str
    settled: int
    expected_ppm: int
    late_ppm: int


def card(ledger: Ledger, tenant_id: str) -> ModelCard | None:
    """Read the card of the models in force; none before the first are published."""
    stored = ledger.latest("model_published", tenant_id, key=MODEL_ID)
    if stored is None:
        return None
    body = stored.entry.body
    told = body.get("card", {})
    return ModelCard(
        sha256=str(body["sha256"]),
        ledger_index=stored.index,
        trained_as_of=str(body["as_of"]),
        examples=told.get("examples"),
        figures=told.get("out_of_time", {}),
    )


def drift(snapshot: Snapshot) -> Drift | None:
    """Compare the newest month's grades with all before; none while one side is too small."""
    by_month: dict[str, dict[int, int]] = {}
    for row in snapshot.rows(_GRADES):
        by_month.setdefault(row["month"], {})[row["grade"]] = row["requests"]
    return compared(by_month)


def compared(by_month: Mapping[str, Mapping[int, int]]) -> Drift | None:
    """Compare the newest month with all before it.

    Args:
        by_month: month as `2026-06` to decisions by grade.
    """
    if len(by_month) < 2:
        return None
    month = max(by_month)
    now = by_month[month]
    before: dict[int, int] = {}
    for earlier, counted in by_month.items():
        for grade, requests in counted.items() if earlier != month else ():
            before[grade] = before.get(grade, 0) + requests
    grades = sorted({*before, *now})
    if min(sum(now.values()), sum(before.values())) < _FEWEST or len(grades) < 2:
        return None
    from models.scores.stability import stability

    found = stability([before.get(g, 0) for g in grades], [now.get(g, 0) for g in grades])
    return Drift(
        month, before, now, round(found.psi * 1_000_000), round(found.critical * 1_000_000)
    )


def outcomes(snapshot: Snapshot) -> list[Outcome]:
    """Return what happened to scored receivables that were settled since, by expected lateness."""
    return [Outcome(**row) for row in snapshot.rows(_OUTCOMES)]


def _interval(stored: Mapping[str, int] | None) -> Interval | None:
    return None if stored is None else Interval(stored["value"], stored["low"], stored["high"])


_GRADES = """
    select strftime(decided_at, '%Y-%m') as month, grade, count(*) as requests
    from decisions.decisions
    where grade is not null
    group by all
    order by all
"""
_OUTCOMES = """
    with settled as (
        select scores.late_ppm,
               (receivables.settled_on > receivables.due_on)::bigint as is_late
        from scores.receivable_scores as scores
        join marts_risk.fct_receivables as receivables using (receivable_id)
        where receivables.settled_on is not null and receivables.due_on is not null
          and receivables.status <> 'credited'
    ),
    banded as (
        select *, case when late_ppm < 100000 then 1 when late_ppm < 250000 then 2
                       when late_ppm < 500000 then 3 else 4 end as place
        from settled
    )
    select ['under 10 %', '10–25 %', '25–50 %', 'over 50 %'][place] as band,
           count(*) as settled,
           (sum(late_ppm) // count(*))::bigint as expected_ppm,
           (sum(is_late) * 1000000 // count(*))::bigint as late_ppm
    from banded
    group by place
    order by place
"""
