"""Which tables stand behind which asset keys, what made them, and from what.

Raw tables come from the ingestion contract, curated ones from the parsed dbt project, the rest is
listed here. The order is that of the flow, so inputs are announced before what is made from them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ingestion.tables import RAW_TABLES
from orchestration.lineage import Dataset

if TYPE_CHECKING:
    from orchestration.platform import Platform

DISTRIBUTION = "invoice-financing-platform"
_RECEIVABLES = "marts/risk/fct_receivables"
_BOOK = (_RECEIVABLES, "marts/risk/dim_debtors", "marts/risk/dim_sellers")
_ASSESSED = {
    "features/payment_behaviour": _BOOK,
    "features/receivable_fingerprints": _BOOK,
    "scores/receivable_scores": ("features/payment_behaviour",),
    "decisions/checks": ("features/payment_behaviour", "scores/receivable_scores", _RECEIVABLES),
}


def _dataset(asset_key: str, made_from: tuple[str, ...]) -> Dataset:
    stage, name = asset_key.split("/")
    return Dataset(asset_key, stage, name, version(DISTRIBUTION), made_from)


ASSESSED = tuple(_dataset(key, made_from) for key, made_from in _ASSESSED.items())


def raw() -> list[Dataset]:
    """List the raw tables."""
    return [
        Dataset(f"raw/{system}/{entity}", f"raw_{system}", entity, version(DISTRIBUTION))
        for system, entities in RAW_TABLES.items()
        for entity in entities
    ]


def curated(platform: Platform) -> list[Dataset]:
    """List the tables of the dbt project in the order of their dependencies."""
    manifest = json.loads((platform.places.dbt / "manifest.json").read_text(encoding="utf-8"))
    nodes = {
        unique_id: node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "ephemeral"
    }
    known = {**manifest["sources"], **manifest["nodes"]}
    found = {
        unique_id: Dataset(
            asset_key="/".join(asset_path(node)),
            schema=str(node["schema"]),
            table=str(node["alias"]),
            code_version=str(node["checksum"]["checksum"]),
            made_from=tuple(
                "/".join(asset_path(known[parent]))
                for parent in node["depends_on"]["nodes"]
                if parent in known
            ),
        )
        for unique_id, node in nodes.items()
    }
    parents = {unique_id: node["depends_on"]["nodes"] for unique_id, node in nodes.items()}
    return [found[unique_id] for unique_id in _ordered(parents)]


def inputs(platform: Platform) -> list[Dataset]:
    """List everything that a decision may refer to, in the order of the flow."""
    return [*raw(), *curated(platform), *ASSESSED]


def asset_path(node: Mapping[str, Any]) -> list[str]:
    """Name a dbt node as ``[stage, family, name]``, a raw source by the raw asset's name."""
    if node["resource_type"] == "source":
        return ["raw", str(node["source_name"]).removeprefix("raw_"), str(node["name"])]
    if node["resource_type"] == "seed":
        return ["seeds", str(node["name"])]
    return [*map(str, node["fqn"][1:-1]), str(node["name"])]


def _ordered(parents: dict[str, list[str]]) -> list[str]:
    from graphlib import TopologicalSorter

    graph = {node: [p for p in found if p in parents] for node, found in sorted(parents.items())}
    return list(TopologicalSorter(graph).static_order())


DECIDED = (
    _dataset("decisions/decisions", tuple(_ASSESSED)),
    _dataset("decisions/reasons", tuple(_ASSESSED)),
)
ACTED = (
    _dataset("actions/payments", ("decisions/decisions",)),
    _dataset("actions/messages", ("decisions/decisions",)),
)

_BY_RECEIVABLE = "select receivable_id, {hash} from {table}"
_OF_RECEIVABLE = """
select receivables.receivable_id, hashed.hash
from marts_risk.fct_receivables as receivables
inner join (
    select tenant_id, connection_id, record_id, payload_sha256, {hash} as hash from {table}
) as hashed using (tenant_id, connection_id, record_id, payload_sha256)
where receivables.source_system = '%s'
"""

PROVEN: dict[str, tuple[str, str, str]] = {
    "raw/xero/invoices": ("raw_xero", "invoices", _OF_RECEIVABLE % "xero"),
    "raw/files/receivables": ("raw_files", "receivables", _OF_RECEIVABLE % "files"),
    _RECEIVABLES: ("marts_risk", "fct_receivables", _BY_RECEIVABLE),
    "features/payment_behaviour": ("features", "payment_behaviour", _BY_RECEIVABLE),
    "scores/receivable_scores": ("scores", "receivable_scores", _BY_RECEIVABLE),
}
"""Where a decision's inputs are found: asset key to schema, table and a query by receivable."""
