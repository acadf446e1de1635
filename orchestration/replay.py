"""Decisions made again from what they were made from, and compared byte by byte.

::

    decision ─► its facts, policy, models ─┐
    reservations as of its ledger size ────┴─► assessment ─► reservation as of its own entry ─► core
                                                                     recorded digest == digest ?

A batch's decisions are one fold, so they are made again together, in their order; a live decision
is made again alone. What a refused reservation changed is refused again by the same check.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ledger.rewind import Rewind
from orchestration import cores
from orchestration.replay_facts import NotReplayableError, Sources
from orchestration.stages import commitment

if TYPE_CHECKING:
    from ledger.entry import StoredEntry
    from models.assessment import Facts
    from models.domain.outcomes import DecisionCore
    from orchestration.platform import Platform

EQUAL, DIFFERENT, NOT_REPLAYABLE = "equal", "different", "not_replayable"


@dataclass(frozen=True)
class Replayed:
    """What came of one decision.

    Attributes:
        decision_id: The decision.
        tenant_id: Whose.
        entry_index: Its entry.
        verdict: ``equal``, ``different`` or ``not_replayable``.
        detail: The first field that differs with both values, or what is missing.
        recorded: Digest of the core on record.
        recomputed: Digest of the core made again, where there is one.
    """

    decision_id: str
    tenant_id: str
    entry_index: int
    verdict: str
    detail: str = ""
    recorded: str = ""
    recomputed: str = ""

    def body(self) -> dict[str, Any]:
        """Give it in the stable shape of ``ifp replay --json``."""
        return dict(vars(self))


def replay(platform: Platform, wanted: Sequence[StoredEntry]) -> Iterator[Replayed]:
    """Make decisions again and compare them, in the order of their entries.

    Args:
        platform: The opened platform.
        wanted: Decision entries.
    """
    made = _assessed(platform, wanted)
    with Rewind(platform.ledger) as state:
        for stored in sorted(wanted, key=lambda one: one.index):
            yield _compared(stored, made[stored.index], state)


def _assessed(
    platform: Platform, wanted: Sequence[StoredEntry]
) -> dict[int, DecisionCore | NotReplayableError]:
    """Assess every fold that a wanted decision was part of."""
    sources = Sources(platform)
    made: dict[int, DecisionCore | NotReplayableError] = {}
    with Rewind(platform.ledger) as state:
        for fold in _folds(platform, wanted):
            try:
                found: Mapping[str, DecisionCore] = _fold(platform, sources, fold, state)
            except NotReplayableError as error:
                made |= dict.fromkeys((one.index for one in fold), error)
            else:
                made |= {one.index: found[str(one.entry.body["receivable_id"])] for one in fold}
    return made


def _fold(
    platform: Platform, sources: Sources, fold: Sequence[StoredEntry], state: Rewind
) -> dict[str, DecisionCore]:
    from models.assessment import assess

    first = fold[0]
    tenant_id, body = first.entry.tenant_id, first.entry.body
    if "ledger_size" not in body:
        raise NotReplayableError("it does not say under which reservations it was assessed")
    policy, models = sources.policy(str(body["policy_hash"])), sources.models(first)
    book = None
    if "facts_entry" in body:
        found, book = sources.live(first, policy)
    else:
        found = sources.batch(list(fold))
    state.to(int(body["ledger_size"]))
    result = assess(
        _reserved(found, state, tenant_id),
        policy=policy,
        scores=models,
        fingerprint_keys={tenant_id: platform.keyring.fingerprint_key(tenant_id)},
        book=book,
    )
    return {core.receivable_id: core for core in result.cores}


def _reserved(found: Facts, state: Rewind, tenant_id: str) -> Facts:
    reserved = state.reserved(tenant_id)
    return replace(
        found,
        exposures=tuple(
            (kind, party, currency, minor)
            for (kind, party, currency), minor in state.exposures(tenant_id).items()
        ),
        financed=frozenset(one.fingerprint_exact for one in reserved),
        financed_near=frozenset(near for one in reserved for near in one.fingerprints_near),
    )


def _compared(
    stored: StoredEntry, made: DecisionCore | NotReplayableError, state: Rewind
) -> Replayed:
    body = stored.entry.body
    told = Replayed(
        decision_id=str(body["decision_id"]),
        tenant_id=stored.entry.tenant_id,
        entry_index=stored.index,
        verdict=NOT_REPLAYABLE,
        recorded=str(body.get("core_digest", "")),
    )
    if isinstance(made, NotReplayableError):
        return replace(told, detail=str(made))
    if cores.of_body(body).digest != told.recorded:
        return replace(told, verdict=DIFFERENT, detail="its fields do not fit its own digest")
    state.to(stored.index, before_own=str(body["receivable_id"]))
    final = commitment.reserved(state.reserve, made)
    told = replace(told, recomputed=final.digest)
    if final.digest == told.recorded:
        return replace(told, verdict=EQUAL)
    return replace(told, verdict=DIFFERENT, detail=_first_difference(body, final.body()))


def _first_difference(recorded: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    for name, value in made.items():
        if recorded.get(name) != value:
            return f"{name}: recorded {recorded.get(name)!r}, recomputed {value!r}"[:300]
    return "no field of the core differs"


def _folds(platform: Platform, wanted: Iterable[StoredEntry]) -> list[list[StoredEntry]]:
    """Complete what was assessed together, in the order of the ledger sizes it was assessed at."""
    alone: list[list[StoredEntry]] = []
    together: dict[tuple[str, str, int], int] = {}
    for stored in wanted:
        body = stored.entry.body
        if "facts_entry" in body or "ledger_size" not in body:
            alone.append([stored])
        else:
            together.setdefault(_key(stored), int(body["ledger_size"]))
    members: dict[tuple[str, str, int], list[StoredEntry]] = defaultdict(list)
    for tenant_id in {key[0] for key in together}:
        after = min(size for key, size in together.items() if key[0] == tenant_id) - 1
        for stored in platform.ledger.entries("decision", tenant_id, after=after):
            if "facts_entry" not in stored.entry.body and _key(stored) in together:
                members[_key(stored)].append(stored)
    folds = [*alone, *members.values()]
    return sorted(folds, key=lambda fold: int(fold[0].entry.body.get("ledger_size", 0)))


def _key(stored: StoredEntry) -> tuple[str, str, int]:
    body = stored.entry.body
    return stored.entry.tenant_id, str(body["run_id"]), int(body.get("ledger_size", -1))
