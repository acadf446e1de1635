"""Which assets a tenant's ledger entries announce, folded into the families of the lineage picture.

    asset_materialised entries ──► newest per asset key ──► stage/family with rows, proof and links

Sources are the systems behind `raw`; decisions and actions are counted from their own entries,
since each of those is an entry by itself.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.dashboard.lineage import STAGES, Family, State

PLATFORM_TENANT = "platform"
_FROM_ENTRIES = (
    ("decisions", "decision", "features"),
    ("actions", "payment_instruction", "decisions"),
    ("actions", "message", "decisions"),
)
_ENTRY_FAMILIES = {
    "decision": "credit",
    "payment_instruction": "payments",
    "message": "messages",
}


@dataclass(frozen=True)
class Asset:
    """The newest announced version of one asset.

    Attributes:
        key: `stage/family/name`.
        rows: how many rows it has.
        index: the entry that announced it.
        inputs: asset keys it was made from.
    """

    key: str
    rows: int
    index: int
    inputs: tuple[str, ...]

    @property
    def family(self) -> str:
        """The first two words of the key."""
        return "/".join(self.key.split("/")[:2])


@dataclass(frozen=True)
class Flow:
    """What the lineage picture shows."""

    families: tuple[Family, ...]
    links: tuple[tuple[str, str], ...]


def assets(entries: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Asset]:
    """Keep the newest version per asset key.

    Args:
        entries: index and body of `asset_materialised` entries, oldest first.
    """
    newest = {
        str(body["asset_key"]): Asset(
            key=str(body["asset_key"]),
            rows=int(body["rows"]),
            index=index,
            inputs=tuple(str(made_from["asset_key"]) for made_from in body["inputs"]),
        )
        for index, body in entries
    }
    return [newest[key] for key in sorted(newest)]


def flow(
    announced: Iterable[Asset],
    entry_counts: Mapping[str, int],
    is_proven: Callable[[int], bool],
    ledger_size: int,
    ledger_state: State,
) -> Flow:
    """Fold assets and entry counts into families and the links between them.

    Args:
        announced: newest version of each asset.
        entry_counts: number of entries by type.
        is_proven: tells whether an entry's inclusion was shown.
        ledger_size: number of all entries.
        ledger_state: what is known of the ledger as a whole.
    """
    grouped: dict[str, list[Asset]] = {}
    for asset in announced:
        grouped.setdefault(asset.family, []).append(asset)
    grouped = {key: own for key, own in grouped.items() if not key.startswith("audit/")}
    families = [_family(key, own, is_proven) for key, own in grouped.items()]
    links = {
        ("/".join(source.split("/")[:2]), asset.family)
        for own in grouped.values()
        for asset in own
        for source in asset.inputs
    }
    families += _sources(families, links)
    families += _from_entries(families, entry_counts, ledger_state, links)
    families.append(Family("audit", "entries", 1, ledger_size, ledger_state))
    links |= {
        (f"{family.stage}/{family.name}", "audit/entries")
        for family in families
        if family.stage in ("decisions", "actions")
    }
    return Flow(tuple(families), tuple(sorted(link for link in links if link[0] != link[1])))


def _family(key: str, own: list[Asset], is_proven: Callable[[int], bool]) -> Family:
    stage, _, name = key.partition("/")
    proven = all(is_proven(asset.index) for asset in own)
    rows = sum(asset.rows for asset in own)
    return Family(stage, name, len(own), rows, "proven" if proven else "announced")


def _sources(families: list[Family], links: set[tuple[str, str]]) -> list[Family]:
    systems = [family for family in families if family.stage == "raw"]
    links |= {(f"sources/{system.name}", f"raw/{system.name}") for system in systems}
    return [Family("sources", system.name, 1, None, system.state) for system in systems]


def _from_entries(
    families: list[Family],
    entry_counts: Mapping[str, int],
    state: State,
    links: set[tuple[str, str]],
) -> list[Family]:
    present = {family.stage for family in families}
    made: list[Family] = []
    for stage, entry_type, origin in _FROM_ENTRIES:
        number = entry_counts.get(entry_type, 0)
        if stage in present or number == 0:
            continue
        name = _ENTRY_FAMILIES[entry_type]
        made.append(Family(stage, name, 1, number, state))
        before = [f for f in (*families, *made) if f.stage in _stages_before(stage, origin)]
        links |= {(f"{f.stage}/{f.name}", f"{stage}/{name}") for f in before}
    return made


def _stages_before(stage: str, origin: str) -> tuple[str, ...]:
    return STAGES[STAGES.index(origin) : STAGES.index(stage)]
