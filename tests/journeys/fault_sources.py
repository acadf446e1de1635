"""Trials of reading: a sync under faults, then one without, held against an undisturbed one.

What an entity that is called ok has landed must be what the quiet sync landed; one that is not
must say why; and after the next sync the whole history of raw, its control totals and its
quarantine must be those of the quiet sync: nothing lost, nothing twice.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import httpx
from pydantic import SecretStr

from ingestion import pipeline
from ingestion.connection import Connection, Subject, System
from ingestion.reports import SyncReport
from ingestion.tables import RAW_TABLES
from tests.journeys.fault_table import Trouble

WORLD = {"sellers": 2, "debtors": 8, "invoices": 60, "months": 6}
TENANT = "alder"
TOKENS = {"xero": "/connect/token", "bank": "/oauth2/token", "dnb": "/v3/token"}
OPTIONS = {"backoff_seconds": 0.01, "requests_per_minute": 60_000, "page_size": 25}
IMPATIENT = {"attempts": 2, "timeout_seconds": 0.4, "deadline_seconds": 20, "breaker_failures": 3}
SUMS = (
    "record_count",
    "amount_text",
    "quarantined_count",
    "quarantined_amount_text",
)
History = Mapping[str, Counter[tuple[str, str, bool]]]


@dataclass
class Sources:
    """The world's sources, a warehouse that has read some of them, and what reading the rest gives.

    Attributes:
        url: Where the sandbox listens.
        folder: Scratch.
    """

    url: str
    folder: Path
    _count: int = 0
    _quiet: dict[str, tuple[History, list[tuple[Any, ...]]]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Read the ledgers and the bank, let a month pass, and note what a quiet sync then gives.

        The bureau is not asked before: what it has answered is held and not asked for again.
        """
        self.admin("DELETE", "/faults")
        for system in ("xero", "bank"):
            self._sync(system, self.kept)
        self.admin("POST", "/clock", {"advance_days": 30})
        for system in TOKENS:
            warehouse = self.copy(f"quiet-{system}")
            report = self._sync(system, warehouse)
            if not report.is_ok:
                raise AssertionError(f"{system} is not read even undisturbed: {causes(report)}")
            self._quiet[system] = (history(warehouse, system), totals(warehouse))
            shutil.rmtree(warehouse.parent)

    @property
    def kept(self) -> Path:
        """The warehouse that every trial starts from."""
        return self.folder / "kept" / "ifp.duckdb"

    def try_out(self, troubles: Sequence[Trouble]) -> list[str]:
        """Sync under faults and again without; name everything that is not as it has to be."""
        system = troubles[0].lane.counterpart
        quiet, sums = self._quiet[system]
        warehouse = self.copy(f"trial-{self._count}")
        self._count += 1
        self.admin("DELETE", "/faults")
        for trouble in troubles:
            self.admin("POST", "/faults", trouble.body())
        disturbed = self._sync(system, warehouse, IMPATIENT)
        struck = [fault["struck"] for fault in self.admin("GET", "/faults")["faults"]]
        self.admin("DELETE", "/faults")
        wrong = [] if any(struck) else ["the fault never struck"]
        wrong += _disturbed_faults(disturbed, history(warehouse, system), quiet)
        healed = self._sync(system, warehouse)
        wrong += _healed_faults(healed, warehouse, system, quiet, sums)
        shutil.rmtree(warehouse.parent)
        return wrong

    def copy(self, name: str) -> Path:
        """Give a trial a warehouse of its own."""
        target = self.folder / name / "ifp.duckdb"
        target.parent.mkdir(parents=True)
        shutil.copyfile(self.kept, target)
        return target

    def admin(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Turn the sandbox."""
        answer = httpx.request(
            method, f"{self.url}/admin{path}", json=body, timeout=30, trust_env=False
        )
        answer.raise_for_status()
        return answer.json()

    def _sync(
        self, system: System, warehouse: Path, options: Mapping[str, float] = MappingProxyType({})
    ) -> SyncReport:
        moment = datetime.fromisoformat(self.admin("GET", "/world")["now"])
        return pipeline.sync(
            self.connections(system, options),
            warehouse=warehouse,
            var=self.folder / "var",
            now=moment + timedelta(seconds=self._count),
            subjects=self.subjects if system == "dnb" else (),
        )

    def connections(self, system: System, more: Mapping[str, float]) -> list[Connection]:
        """Give the connections of one system."""
        options = [
            {"xero_tenant_id": one["xero_tenant_id"]} for one in self._world["organisations"]
        ]
        secrets = self._world["credentials"][system]
        return [
            Connection(
                tenant_id=TENANT,
                connection_id=f"{system}-{number}",
                system=system,
                base_url=f"{self.url}/{system}",
                token_url=f"{self.url}/{system}{TOKENS[system]}",
                credentials={name: SecretStr(str(value)) for name, value in secrets.items()},
                options={**OPTIONS, **more, **own},
            )
            for number, own in enumerate(options if system == "xero" else [{}])
        ]

    @cached_property
    def _world(self) -> dict[str, Any]:
        return self.admin("GET", "/world")

    @cached_property
    def subjects(self) -> list[Subject]:
        """The companies that the bureau is asked about: the customers in the ledgers."""
        with duckdb.connect(str(self.kept), read_only=True) as connection:
            found = connection.execute(
                "select distinct on (tax) record_id, payload ->> '$.Name' as name,"
                " coalesce(payload ->> '$.TaxNumber', '') as tax from raw_xero.contacts"
                " where length(tax) > 2 order by tax, record_id"
            ).fetchall()
        return [Subject(TENANT, party, name, tax[:2], tax) for party, name, tax in found]


def history(warehouse: Path, system: str) -> History:
    """Give every version of every record that raw holds, by entity."""
    found: dict[str, Counter[tuple[str, str, bool]]] = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for entity in RAW_TABLES[system]:
            rows = connection.execute(
                "select connection_id || ' ' || record_id, payload, is_deleted"
                f" from raw_{system}.{entity}"
            ).fetchall()
            found[entity] = Counter(
                (name, _told(payload) if system == "dnb" else payload, is_deleted)
                for name, payload, is_deleted in rows
            )
    return found


def _told(payload: str) -> str:
    """Give what a bureau's answer tells, without the call's own number and the order of lists."""
    answer = json.loads(payload)
    answer.pop("transactionDetail", None)
    answer.get("error", {}).pop("errorDetails", None)
    answer.pop("candidatesMatchedQuantity", None)
    for candidate in answer.get("matchCandidates") or ():
        candidate.pop("displaySequence", None)
    for name in ("matchCandidates", "blockStatus"):
        if name in answer:
            answer[name] = sorted({json.dumps(one, sort_keys=True) for one in answer[name]})
    return json.dumps(answer, sort_keys=True)


def totals(warehouse: Path) -> list[tuple[Any, ...]]:
    """Give the newest control totals of every entity."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            f"select connection_id, entity, currency, {', '.join(SUMS)}"
            " from raw_sync.control_totals where record_count > 0 qualify row_number() over ("
            " partition by connection_id, entity, currency order by computed_at desc) = 1"
            " order by all"
        ).fetchall()


def causes(report: SyncReport) -> list[str]:
    """Say what a report calls wrong."""
    return [f"{one.entity} {one.status}: {one.cause}" for one in report.entities if one.cause]


def _disturbed_faults(report: SyncReport, held: History, quiet: History) -> Iterator[str]:
    for entity in held:
        reports = [one for one in report.entities if one.entity == entity]
        if surplus := held[entity] - quiet[entity]:
            yield f"{entity}: {surplus.total()} rows that no quiet sync lands"
        if all(one.status == "ok" for one in reports) and held[entity] != quiet[entity]:
            yield f"{entity} is called ok and is not whole"
        for one in reports:
            if one.status != "ok" and not one.cause:
                yield f"{entity} is {one.status} without a cause"
            if not one.reconciles:
                yield f"{entity} does not reconcile"


def _healed_faults(
    report: SyncReport,
    warehouse: Path,
    system: str,
    quiet: History,
    sums: list[tuple[Any, ...]],
) -> Iterator[str]:
    yield from (f"not healed: {cause}" for cause in causes(report))
    held = history(warehouse, system)
    for entity in held:
        lost, twice = quiet[entity] - held[entity], held[entity] - quiet[entity]
        if lost or twice:
            yield f"{entity}: {lost.total()} lost, {twice.total()} too many"
    if (found := totals(warehouse)) != sums:
        differing = {row[:3] for row in set(found) ^ set(sums)}
        yield f"control totals differ: {sorted(differing)[:2]}"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        opened = connection.execute(
            "select entity, reason_code from raw_quarantine.records where replayed_at is null"
        ).fetchall()
    if opened:
        yield f"{len(opened)} still in quarantine, first {opened[0]}"
