"""Can the score be trusted? The card's figures, the drift of grades, and what happened since."""

from datetime import datetime

import streamlit as st

from apps import score_record
from apps.dashboard import charts, session
from apps.dashboard.layout import Cell, Column, empty, heading, note, table
from apps.look import count, moment, percent, plural, short_hash
from apps.score_record import Drift, Interval, ModelCard
from apps.warehouse import Snapshot
from models.features.contract import FEATURES

_MODELS = {
    "card": "Points card (decides)",
    "challenger": "Boosted trees (challenger)",
    "single": "Best single fact",
}
_CHANCE = 500_000


def show(snapshot: Snapshot) -> None:
    """Show what is known of the score's quality."""
    card = score_record.card(session.ledger(), snapshot.tenant_id)
    if card is None:
        heading("Can the score be trusted?")
        empty("No model was published for this tenant yet.", command="ifp run")
        return
    heading("Can the score be trusted?", _verdict(card))
    _measured(card)
    _drift(session.remembered(score_record.drift, snapshot))
    _happened(snapshot)


def _verdict(card: ModelCard) -> str:
    gain = card.gain
    if gain is None:
        return (
            "There was too little history to measure the score on invoices it had not seen; the "
            "expert card decides, and says so."
            if card.examples is not None
            else f"The models of entry {card.ledger_index:,} were published without their figures; "
            "the next training publishes them with their card."
        )
    single = str(card.figures.get("single_feature", ""))
    beside = f"the best single fact ({FEATURES.get(single, single).lower()})"
    if gain.low > 0:
        said = f"It ranks better than {beside}"
    elif gain.high < 0:
        said = f"It ranks worse than {beside}"
    else:
        said = f"Whether it ranks better than {beside} cannot be told from these invoices"
    return (
        f"{said}: gain {_signed(gain.value)}, 95 % interval {_signed(gain.low)} to "
        f"{_signed(gain.high)}. Measured on {count(card.figures.get('test_count'))} invoices "
        f"issued from {card.figures.get('origin')} on, after those it learnt from."
    )


def _measured(card: ModelCard) -> None:
    found = [(label, card.auc(name)) for name, label in _MODELS.items()]
    known: list[tuple[str, Interval]] = [(label, auc) for label, auc in found if auc is not None]
    if known:
        st.caption(
            "AUC of late payment with 95 % intervals: 1 ranks perfectly, the dashed line is chance"
        )
        charts.show(
            charts.intervals([(x, auc.value, auc.low, auc.high) for x, auc in known], _CHANCE),
            "AUC of late payment with 95 % intervals; the thin line is chance, 0.5: "
            + "; ".join(f"{label} {_share(auc.value)}" for label, auc in known),
        )
    rows: list[list[Cell | str]] = [
        ["Model", Cell(short_hash(card.sha256), note=card.sha256)],
        ["Published by ledger entry", f"{card.ledger_index:,}"],
        ["Trained with what was known", moment(datetime.fromisoformat(card.trained_as_of))],
    ]
    if card.examples is not None:
        rows.append(["Invoices it learnt from", count(card.examples)])
    rows += [[label, text] for label, text in _more(card)]
    table(
        [Column("Of the models in force"), Column("Value", is_figure=True)],
        rows,
        caption="From the card that was published with the models",
    )


def _more(card: ModelCard) -> list[tuple[str, str]]:
    figures = card.figures
    if not figures:
        return []
    days = figures.get("mae_mdays", {})
    return [
        ("KS distance of the card", _share(figures["ks_ppm"])),
        ("Brier score of the card, 0 is best", _share(figures["brier_ppm"]["card"])),
        ("Days to pay, mean error of the model", f"{days['model'] / 1000:.1f} days"),
        ("The same of the debtor's own mean", f"{days['debtor_mean'] / 1000:.1f} days"),
        ("Paid between its 10 and 90 % days", percent(figures["coverage_ppm"])),
        ("Paid late in the test", percent(figures["late_share_ppm"])),
    ]


def _drift(found: Drift | None) -> None:
    if found is None:
        note(
            "Whether grades drift cannot be told yet.",
            "It takes two months with at least 50 graded decisions before and in the newest.",
        )
        return
    psi, critical = _share(found.psi_ppm), _share(found.critical_ppm)
    said = (
        f"Requests of {found.month} are graded unlike those before"
        if found.is_shifted
        else f"Requests of {found.month} are graded like those before"
    )
    note(
        f"{said}.",
        f"Population stability index {psi}; chance alone stays below {critical} in 19 of 20 "
        f"cases. {plural(sum(found.now.values()), 'decision')} held against "
        f"{count(sum(found.before.values()))} earlier ones.",
        tone="attention" if found.is_shifted else "good",
    )


def _happened(snapshot: Snapshot) -> None:
    outcomes = session.remembered(score_record.outcomes, snapshot)
    if not outcomes:
        note(
            "None of the scored receivables was settled yet.",
            "Once some are, what was expected stands here beside what happened.",
        )
        return
    table(
        [
            Column("Expected to pay late"),
            Column("Settled since", is_figure=True),
            Column("Expected late", is_figure=True),
            Column("Paid late", is_figure=True),
        ],
        [
            [
                outcome.band,
                count(outcome.settled),
                percent(outcome.expected_ppm),
                percent(outcome.late_ppm),
            ]
            for outcome in outcomes
        ],
        caption="Scored receivables that were settled since: expected and happened",
    )


def _share(ppm: int) -> str:
    return f"{ppm / 1_000_000:.3f}"


def _signed(ppm: int) -> str:
    return f"{ppm / 1_000_000:+.4f}".replace("-", "−")
