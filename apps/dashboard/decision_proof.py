"""How one decision is proven: its entry in the ledger, and each input in an announced dataset.

decision entry ──► inputs: record hash ∈ dataset version ──► announcing entry ∈ ledger
"""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from apps.dashboard import proof, session
from apps.dashboard.case import Case
from apps.dashboard.layout import Cell, Column, heading, mark, note, table
from apps.look import count, moment, short_hash
from ledger.merkle import content_root

_HASH_BYTES = 32


def show(case: Case) -> None:
    """Show the proof section of a decision."""
    heading("How is this proven?")
    proven = proof.of_decision(str(case.decision["decision_id"]), str(case.decision["tenant_id"]))
    if proven is None:
        note(
            "The ledger holds no entry of this decision.",
            "A decision exists when its entry does, so do not rely on this one.",
            "Verify the ledger on the audit page.",
            tone="act",
        )
        return
    verdict = mark("included", "good") if proven.is_included else mark("not included", "act")
    st.html(
        f'<p class="ifp-answer">Entry <b>{count(proven.index)}</b> of a ledger of '
        f"<b>{count(proven.size)}</b> entries holds this decision; recomputing "
        f"{count(len(proven.path))} hashes from it gives the ledger's root: {verdict}</p>"
    )
    table(
        [Column("Evidence"), Column("Value", is_code=True)],
        [
            ["Recorded at", moment(proven.recorded_at)],
            ["Leaf hash", proven.leaf_hash.hex()],
            ["Root at this size", proven.root.hex()],
        ],
        caption="Recomputed just now from the stored entry",
    )
    content = proven.content()
    _inputs(content["body"].get("inputs") or [])
    with st.expander("The entry as it stands in the ledger"):
        st.code(json.dumps(content, indent=2, ensure_ascii=False), language="json")
    st.download_button(
        "Download the proof as JSON",
        proven.bundle(),
        file_name=f"proof-{proven.index}.json",
        mime="application/json",
        help="The entry's bytes, the path to the root and the signed checkpoint: enough to check "
        "the decision without this platform.",
    )


def _inputs(inputs: list[Mapping[str, Any]]) -> None:
    """Show each input the decision names, and what of it was shown just now."""
    if not inputs:
        return
    table(
        [
            Column("Input"),
            Column("Record hash", is_code=True, is_extra=True),
            Column("Dataset version", is_code=True, is_extra=True),
            Column("By entry", is_figure=True),
            Column("Shown"),
        ],
        [
            [
                str(one["asset_key"]),
                Cell(short_hash(one["record_sha256"]), note=str(one["record_sha256"])),
                Cell(short_hash(one["content_root"]), note=str(one["content_root"])),
                count(int(one["entry_index"])),
                _shown(one),
            ]
            for one in inputs
        ],
        caption="The records this decision was made on, and the dataset versions they stand in",
    )


def _shown(one: Mapping[str, Any]) -> Cell:
    announced = proof.of_entry(session.ledger(), int(one["entry_index"]))
    body = announced.content()["body"]
    if not announced.is_included or body.get("content_root") != one["content_root"]:
        return Cell("entry does not fit", tone="act")
    is_member = _holds(str(one["content_root"]), str(one["record_sha256"]))
    if is_member is None:
        return Cell("entry included", tone="rest", note="The version's hashes were not kept here")
    return Cell("proven", tone="good") if is_member else Cell("record not in it", tone="act")


@st.cache_data(show_spinner="Recomputing a dataset version …", max_entries=256)
def _holds(root: str, record: str) -> bool | None:
    """Tell whether a record is in a dataset version; none when its hashes were not kept."""
    path = session.settings().var / "proofs" / f"{root}.hashes"
    if not path.is_file():
        return None
    content = path.read_bytes()
    hashes = [content[at : at + _HASH_BYTES] for at in range(0, len(content), _HASH_BYTES)]
    return bytes.fromhex(record) in hashes and content_root(hashes).hex() == root
