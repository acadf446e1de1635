"""The chain behind a decision, link by link, each with its proof.

::

    decision ◄ scores ◄ features ◄ marts ◄ raw record ◄ the vendor's bytes
       │          │         │         │         │
       entry      └─ record hash under the content root of an announced dataset version ─┘
       └──────────── every entry under the ledger's root (inclusion proof) ──────────────┘

Proofs are checked here as an outsider would check them: from hashes, paths and the root alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger import merkle
from ledger.errors import SubjectErased
from orchestration import datasets, lineage
from orchestration.live import facts as live_facts
from orchestration.resources.warehouse import has_table

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.entry import StoredEntry
    from ledger.store import Ledger
    from orchestration.resources.warehouse import Warehouse

_RAW = """
select raw.payload_sha256, raw.page_sha256, raw.endpoint, raw.position, raw.fetched_at::varchar,
       raw.payload
from {table} as raw
where {hash} = ?
"""


class UnknownDecisionError(Exception):
    """No decision has this id or begins like it, or several do."""


@dataclass(frozen=True)
class Link:
    """One link of the chain.

    Attributes:
        stage: A word of the flow.
        name: Asset key, or what the link is.
        sha256: Hash of the record, or of the bytes.
        is_proven: Whether every proof of the link held.
        detail: What the record is; figures and ids, no names.
        proof: What an outsider needs to check it again.
    """

    stage: str
    name: str
    sha256: str
    is_proven: bool
    detail: Mapping[str, Any]
    proof: Mapping[str, Any]

    def body(self) -> dict[str, Any]:
        """Give the link as the stable shape of ``ifp audit show --json``."""
        return {
            "stage": self.stage,
            "name": self.name,
            "sha256": self.sha256,
            "proven": self.is_proven,
            "detail": dict(self.detail),
            "proof": dict(self.proof),
        }


def find(ledger: Ledger, text: str) -> StoredEntry:
    """Find a decision by its id or the beginning of it.

    Raises:
        UnknownDecisionError: None or several begin like it.
    """
    found = ledger.entries("decision", key=text)
    if not found:
        keys = [row["decision_id"] for row in ledger.projection("decisions")]
        matching = [key for key in keys if key.startswith(text)]
        if len(matching) != 1:
            what = "no decision" if not matching else f"{len(matching)} decisions"
            raise UnknownDecisionError(f"{what} begin with {text!r}; `ifp decisions` lists them")
        found = ledger.entries("decision", key=matching[0])
    return found[-1]


def chain(ledger: Ledger, warehouse: Warehouse, proofs: Path, text: str) -> dict[str, Any]:
    """Build the chain of a decision and check every proof in it.

    Args:
        ledger: The system of record.
        warehouse: Where raw records lie; a record that is gone is proven by its hash alone.
        proofs: Folder of record hashes by content root.
        text: Decision id or the beginning of it.

    Raises:
        UnknownDecisionError: None or several begin like it.
    """
    size = ledger.size()
    root = ledger.root(size)
    decision = find(ledger, text)
    body = decision.entry.body
    links = [_entry_link(ledger, decision, "decisions", "decision", size, root)]
    for item in reversed(body["inputs"]):
        links.append(_input_link(ledger, proofs, item, size, root))
        if str(item["asset_key"]).startswith("raw/"):
            links += _bytes_links(ledger, warehouse, item)
    if "snapshot_entry" in body:
        beside = ledger.entry(int(body["snapshot_entry"]))
        links.append(_entry_link(ledger, beside, "audit", "publications/snapshot", size, root))
    links += [
        _entry_link(ledger, entry, _stage(entry.entry.type), entry.entry.type, size, root)
        for entry in ledger.entries(subject=str(body["decision_id"]))
        if entry.index > decision.index
    ]
    return {
        "decision_id": body["decision_id"],
        "tenant_id": decision.entry.tenant_id,
        "outcome": body["outcome"],
        "ledger": {"size": size, "root": root.hex(), "checkpoint": ledger.checkpoint()},
        "proven": all(link.is_proven for link in links),
        "chain": [link.body() for link in links],
    }


def _entry_link(
    ledger: Ledger, stored: StoredEntry, stage: str, name: str, size: int, root: bytes
) -> Link:
    path = ledger.inclusion_proof(stored.index, size)
    leaf = merkle.leaf_hash(stored.canonical)
    is_in = merkle.verify_inclusion(leaf, index=stored.index, size=size, path=path, root=root)
    return Link(
        stage=stage,
        name=name,
        sha256=leaf.hex(),
        is_proven=is_in,
        detail=_told(stored.entry.body),
        proof={
            "entry_index": stored.index,
            "tree_size": size,
            "path": [item.hex() for item in path],
        },
    )


def _input_link(
    ledger: Ledger, proofs: Path, item: Mapping[str, Any], size: int, root: bytes
) -> Link:
    """Prove a record in its dataset version, and the version in the ledger."""
    asset_key, record = str(item["asset_key"]), bytes.fromhex(str(item["record_sha256"]))
    content = bytes.fromhex(str(item["content_root"]))
    announced = ledger.entry(int(item["entry_index"]))
    version = _entry_link(ledger, announced, "audit", asset_key, size, root)
    is_announced = announced.entry.body["content_root"] == item["content_root"]
    hashes = lineage.read_proof(proofs, content.hex())
    proof: dict[str, Any] = {"content_root": content.hex(), "announced": dict(version.proof)}
    is_in = False
    if record in hashes:
        found = merkle.content_proof(hashes, record)
        is_in = merkle.verify_content(record, found, content)
        proof["content"] = {
            "index": found.index,
            "size": found.size,
            "path": [step.hex() for step in found.path],
        }
    return Link(
        stage=asset_key.partition("/")[0],
        name=asset_key,
        sha256=record.hex(),
        is_proven=is_in and is_announced and version.is_proven,
        detail={
            "rows": announced.entry.body["rows"],
            "code_version": announced.entry.body["code_version"],
            "as_of": announced.entry.body["as_of"],
        },
        proof=proof,
    )


def _bytes_links(ledger: Ledger, warehouse: Warehouse, item: Mapping[str, Any]) -> list[Link]:
    """Show the vendor's bytes behind a raw record: the record and the page it came in."""
    announced = ledger.entry(int(item["entry_index"]))
    if announced.entry.type == live_facts.ENTRY:
        return _live_links(ledger, announced, item)
    schema, table, _ = datasets.PROVEN[str(item["asset_key"])]
    if not warehouse.path.exists():
        return []
    with warehouse.open() as connection:
        if not has_table(connection, schema, table):
            return []
        expression = lineage.row_hash_sql(connection, schema, table)
        rows = connection.execute(
            _RAW.format(table=f"{schema}.{table}", hash=expression), [item["record_sha256"]]
        ).fetchall()
    if not rows:
        return []
    payload_sha256, page_sha256, *place, payload = rows[0]
    where = dict(zip(("endpoint", "position", "fetched_at"), place, strict=True))
    return _shown(payload_sha256, page_sha256, where, payload)


def _live_links(ledger: Ledger, announced: StoredEntry, item: Mapping[str, Any]) -> list[Link]:
    """Show the bytes that a live command pulled, kept in the private part of their entry."""
    records = announced.entry.body["records"]
    record = next(one for one in records if one["record_sha256"] == item["record_sha256"])
    try:
        kept = live_facts.private_part(ledger, announced)["raw"]
    except SubjectErased:
        kept = {}
    rows = kept.get(str(item["asset_key"]).removeprefix("raw/").replace("/", "."), [])
    wanted = record["payload_sha256"]
    payload = next((row["payload"] for row in rows if row["payload_sha256"] == wanted), None)
    where = {name: record[name] for name in ("endpoint", "position", "fetched_at")}
    return _shown(wanted, record["page_sha256"], where, payload)


def _shown(
    payload_sha256: str, page_sha256: str, where: Mapping[str, Any], payload: str | None
) -> list[Link]:
    is_erased = payload is None
    is_same = payload is None or hashlib.sha256(payload.encode()).hexdigest() == payload_sha256
    return [
        Link(
            "sources", "record bytes", payload_sha256, is_same, {**where, "erased": is_erased}, {}
        ),
        Link("sources", "page bytes", page_sha256, True, where, {}),
    ]


def _stage(entry_type: str) -> str:
    acts = ("bank_", "payment_", "message")
    return "actions" if entry_type.startswith(acts) else "decisions"


def _told(body: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the plain figures and codes of a body."""
    hidden = {
        "inputs",
        "records",
        "tables",
        "tenants",
        "checks",
        "fingerprints_near",
        "limits",
        "counterfactuals",
        "reasons",
    }
    return {name: value for name, value in body.items() if name not in hidden}
