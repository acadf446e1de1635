"""Can every figure be proven? The lineage from sources to audit, and the ledger that proves it."""

from html import escape

import streamlit as st

from apps.access import Permission
from apps.dashboard import lineage, proof, session
from apps.dashboard.flow import PLATFORM_TENANT, Flow, assets, flow
from apps.dashboard.layout import (
    Cell,
    Choice,
    Column,
    KeyFigure,
    Search,
    address,
    empty,
    filters,
    footer,
    heading,
    key_figures,
    note,
    question,
    table,
)
from apps.dashboard.lineage import State
from apps.look import count, moment, plural, short_hash
from apps.warehouse import Snapshot
from ledger.entry import StoredEntry

PAGE = "audit"
TITLE = "Can every figure be proven?"
SOURCES = "the ledger's own entries"
_RECENT = 25
_HASH_LENGTH = 32
_ANNOUNCED = 2_000
_KINDS = (
    "decision", "reservation", "bank_submission", "bank_reply", "payment_instruction",
    "payment_status", "message", "message_status", "command", "command_status", "override",
    "asset_materialised", "model_published", "policy_published", "publication", "checkpoint",
)  # fmt: skip
_ACTS = {
    "decision": "decisions.decisions",
    "payment_instruction": "actions.payments",
    "message": "actions.messages",
}


def show() -> None:
    """Show the page."""
    snapshot = session.snapshot(Permission.SEE_AUDIT)
    ledger = session.ledger()
    size = ledger.size()
    last = proof.last_verification()
    drawn = _flow(snapshot.tenant_id, size, _state(last, size), _acts(snapshot))
    question(TITLE, _answer(size, last, drawn))
    key_figures(_figures(snapshot, size, last))
    heading("From sources to audit")
    st.html(lineage.picture(drawn.families, drawn.links))
    st.caption(
        "Filled: every announcing entry was just proven to be in the ledger's tree. "
        "Ringed: announced, to be confirmed by a verification. Grey: nothing yet."
    )
    _verify(snapshot, size)
    _recent(snapshot)
    _checkpoint()
    footer(snapshot, SOURCES, proof.verification_line())


def _state(last: proof.Verification | None, size: int) -> State:
    if last is None or last.size < size:
        return "announced"
    return "proven" if last.is_ok else "unproven"


def _acts(snapshot: Snapshot) -> tuple[tuple[str, int], ...]:
    """Count the decisions, payments and messages of the snapshot; each is an entry by itself."""
    return tuple(
        (kind, int(snapshot.frame(f"select count(*) as n from {name}")["n"][0]))  # noqa: S608
        for kind, name in _ACTS.items()
        if snapshot.has(name)
    )


@st.cache_data(show_spinner="Proving what the ledger announces …", max_entries=8)
def _flow(tenant_id: str, size: int, state: State, acts: tuple[tuple[str, int], ...]) -> Flow:
    ledger = session.ledger()
    found = [
        stored
        for owner in (tenant_id, PLATFORM_TENANT)
        for stored in ledger.entries(
            type="asset_materialised", tenant_id=owner, limit=_ANNOUNCED, newest_first=True
        )
    ]
    own = [(one.index, one.entry.body) for one in sorted(found, key=lambda one: one.index)]
    return flow(
        assets(own),
        dict(acts),
        lambda index: proof.of_entry(ledger, index, size).is_included,
        size,
        state,
    )


def _answer(size: int, last: proof.Verification | None, drawn: Flow) -> str:
    announced = sum(family.assets for family in drawn.families if family.stage != "sources")
    start = (
        f"<b>{plural(announced, 'dataset')}</b> of this tenant "
        f"{'is' if announced == 1 else 'are'} announced in a ledger of "
        f"<b>{plural(size, 'entry')}</b>"
    )
    if last is None:
        return f"{start}; the whole ledger has not been verified since this server started."
    if not last.is_ok:
        return (
            f"No. {start}, and the verification of {moment(last.finished_at)} found "
            f"<b>{plural(len(last.problems), 'problem')}</b>."
        )
    later = size - last.size
    since = f"; <b>{plural(later, 'entry')}</b> came later" if later > 0 else ""
    return (
        f"Yes. {start}; all <b>{count(last.size)}</b> of them were read again and gave the root "
        f"they must at {moment(last.finished_at)}{since}."
    )


def _figures(snapshot: Snapshot, size: int, last: proof.Verification | None) -> list[KeyFigure]:
    root = session.ledger().root().hex()
    return [
        KeyFigure("Entries", count(size), "one tree for the deployment; tenants see their own"),
        KeyFigure("Root", root[:8], "first letters of the Merkle root over all entries"),
        KeyFigure(
            "Publication",
            f"#{count(snapshot.origin.ledger_index)}",
            f"the entry that names this snapshot, sha256 {short_hash(snapshot.origin.sha256)}",
        ),
        KeyFigure(
            "Problems found",
            "–" if last is None else count(len(last.problems)),
            "by the last verification; – before the first one",
            tone="act" if last is not None and not last.is_ok else None,
        ),
    ]


def _verify(snapshot: Snapshot, size: int) -> None:
    heading("Is the ledger intact?")
    viewer = session.user(snapshot.publication)
    is_allowed = viewer.may(Permission.VERIFY_LEDGER, snapshot.tenant_id)
    with st.expander("Compare with a checkpoint you kept"):
        kept = st.file_uploader(
            "Checkpoint file",
            help="A signed checkpoint saved outside the database also uncovers a cut tail or an "
            "older copy that was put back.",
        )
    if st.button(
        f"Verify {plural(size, 'entry')}",
        type="primary",
        disabled=not is_allowed,
        help="Reads every stored value again in a separate process; changes nothing."
        if is_allowed
        else "Needs the compliance, operator or admin role.",
    ):
        with st.spinner(f"Reading and hashing {plural(size, 'entry')} in a separate process …"):
            proof.verify_everything(kept.getvalue().decode() if kept else None)
        st.rerun()
    last = proof.last_verification()
    if last is None:
        return
    if last.is_ok:
        note(
            f"Intact: {plural(last.size, 'entry')} verified at {moment(last.finished_at)}",
            f"Root {last.root}",
            tone="good",
        )
        return
    note(
        f"Not intact: {plural(len(last.problems), 'problem')} at {moment(last.finished_at)}",
        "Figures that rest on these entries are not proven. Stop acting on them, keep the file as "
        "it is, and compare it with the last backup whose checkpoint fits.",
        tone="act",
    )
    table(
        [Column("Problem"), Column("Entry", is_figure=True), Column("Detail")],
        [
            [
                str(problem["kind"]).replace("_", " "),
                Cell("–", note="Not about one entry")
                if problem["index"] is None
                else count(int(problem["index"])),
                str(problem["detail"]),
            ]
            for problem in last.problems
        ],
        caption="What the verification found",
    )


def _recent(snapshot: Snapshot) -> None:
    heading("What was recorded last?", "Entries of this tenant and of the platform itself.")
    chosen = filters.bar(
        PAGE,
        [
            Choice("type", "Type of entry", {kind: kind.replace("_", " ") for kind in _KINDS}),
            Search("about", "About", "A receivable, decision, debtor or asset, in full"),
        ],
    )
    entries = _newest(snapshot, chosen["type"], chosen["about"])
    if not entries:
        empty("No entry fits these filters.", "Clear the filters to see the newest ones.")
        return
    table(
        [
            Column("Entry", is_figure=True),
            Column("What"),
            Column("About", is_code=True),
            Column("By", is_extra=True),
            Column("Recorded at"),
            Column("Leaf hash", is_code=True, is_extra=True),
        ],
        [
            [
                count(stored.index),
                _what(snapshot, stored.entry.type, stored.entry.body.get("decision_id")),
                Cell(_about(stored.entry.subjects), note=", ".join(stored.entry.subjects)),
                stored.entry.actor.id,
                moment(stored.recorded_at),
                Cell(short_hash(stored.leaf_hash), note=stored.leaf_hash.hex()),
            ]
            for stored in entries
        ],
        caption=f"The newest {len(entries)} of them; a decision leads to its page",
    )


def _newest(snapshot: Snapshot, kind: str, about: str) -> list[StoredEntry]:
    """Read the newest entries that fit, of the tenant and the platform together."""
    ledger = session.ledger()
    found = [
        stored
        for tenant_id in (snapshot.tenant_id, PLATFORM_TENANT)
        for stored in ledger.entries(
            kind or None, tenant_id, subject=about or None, limit=_RECENT, newest_first=True
        )
    ]
    return sorted(found, key=lambda stored: -stored.index)[:_RECENT]


def _what(snapshot: Snapshot, kind: str, decision_id: object) -> Cell:
    words = kind.replace("_", " ")
    if kind == "decision" and decision_id:
        return Cell(words, link=address("decisions", snapshot, decision=str(decision_id)))
    return Cell(words)


def _about(subjects: tuple[str, ...]) -> str:
    first = subjects[0] if subjects else "–"
    return short_hash(first) if len(first) >= _HASH_LENGTH else first


def _checkpoint() -> None:
    heading("What can be kept outside?")
    checkpoint = session.ledger().checkpoint()
    st.html(f'<pre class="ifp-code" tabindex="0">{escape(checkpoint)}</pre>')
    st.download_button(
        "Download this checkpoint",
        checkpoint,
        file_name="checkpoint",
        mime="text/plain",
        help="Keep it anywhere else: later it shows that nothing was removed or replaced.",
    )


show()
