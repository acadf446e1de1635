"""Landing of many records at once: the same verdicts as ``landing``, in vectors.

::

    sound rows ─► hash ─► met before in this sync? ── yes ─► one by one, in order
                              │ no
                              ▼
                    held in the warehouse? ─► no: land · same bytes: unchanged · else: new version

Identities are compared as 64-bit hashes, some 50 bytes a record, so that ten million records fit
beside the work. A payload holds its own record id, so equal payload hashes mean equal records.
"""

import hashlib
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.bulk import AMOUNT, Batch, Refused, Sound
from ingestion.history import History
from ingestion.identities import Held, Keys, Met, Rows, digested, hashed, nothing_held, repeated
from ingestion.landing import Landing, Page, Payloads, Scope
from ingestion.quarantine import Unlandable
from ingestion.source import Entity
from ingestion.tables import ENVELOPE
from ingestion.totals import Described, Sum, combined, shortened


def landing_for(entity: Entity, history: History, scope: Scope, fetched_at: datetime) -> Landing:
    """Return the landing of an entity: in bulk, or record by record."""
    if entity.in_bulk:
        held = history.held(scope)
        return BulkLanding(scope, {}, entity.describe, fetched_at, held=held)
    return Landing(scope, history.latest(scope), entity.describe, fetched_at)


@dataclass
class _Version:
    """The latest version of a record that comes more than once in this sync."""

    digest: int | None
    is_deleted: bool
    held: int
    is_met: bool = False
    landed: int = 0
    amount: Decimal = Decimal(0)
    currency: str = ""


@dataclass
class BulkLanding(Landing):
    """Takes batches of one scope and gives back the rows to append.

    Attributes:
        held: Latest versions in the warehouse before this sync.
        gained: Sums of the versions landed, less those of the versions they replace.
    """

    held: Held = field(default_factory=nothing_held)
    gained: dict[str, Sum] = field(default_factory=dict)
    _met: Met = field(default_factory=Met)
    _past: list[tuple[Keys, npt.NDArray[np.bool_], Sound]] = field(default_factory=list)
    _again: dict[int, _Version] = field(default_factory=dict)

    def take(self, found: Page | Batch) -> pa.Table | None:
        """Compare records with what is held; return the rows to append, if any."""
        batch = found if isinstance(found, Batch) else self._batch(found)
        self.counts.pages += 1
        self.counts.read += len(batch.sound) + len(batch.refused)
        for one in batch.refused:
            self._refuse(one.payload, one.problem, batch.endpoint, batch.body_sha256, one.position)
        return self._land(batch.sound, batch.endpoint, batch.body_sha256)

    def _batch(self, page: Page) -> Batch:
        """Turn single records, refused files and corrections, into a batch."""
        sound: list[tuple[str, str, int, str | None, Decimal | None]] = []
        refused: list[Refused] = []
        for index, record in enumerate(page.records):
            position = page.positions[index] if page.positions else index
            problem = page.problems.get(index)
            try:
                one = self.describe(record) if problem is None else Described("")
                text = record.decode() if problem is None else ""
            except Unlandable as found:
                problem = found
            if problem is not None:
                refused.append(Refused(position, record, problem))
            else:
                sound.append((one.record_id, text, position, one.currency, one.amount))
        kinds = (pa.string(), pa.string(), pa.int64(), pa.string(), AMOUNT)
        columns = zip(*sound, strict=True) if sound else [()] * len(kinds)
        arrays = [pa.array(one, kind) for one, kind in zip(columns, kinds, strict=True)]
        body_sha256 = page.body_sha256 or hashlib.sha256(page.body).hexdigest()
        return Batch(page.endpoint, body_sha256, Sound(*arrays), refused)

    def sound_of(self, record_ids: Set[str]) -> set[str]:
        """Name those of some records that this sync met sound."""
        named = sorted(record_ids)
        met = self._met.find(hashed(pa.array(named, pa.string()))) >= 0
        return {record_id for record_id, is_met in zip(named, met, strict=True) if is_met}

    def difference(self, payloads: Payloads) -> dict[str, Sum]:
        """Return what this sync adds to the control totals."""
        del payloads
        return {
            currency: Sum(one.count, shortened(one.amount))
            for currency, one in combined([(self.gained, 1)]).items()
        }

    def _land(self, sound: Sound, endpoint: str, page_sha256: str) -> pa.Table | None:
        if not len(sound):
            return None
        hashes = hashed(sound.record_ids)
        hexes, digests = digested(sound.payloads)
        held = self.held.find(hashes)
        before = self._met.find(hashes)
        again = (before >= 0) | repeated(hashes)
        same = (held >= 0) & ~again
        at = held[same]
        same[same] = (self.held.digests[at] == digests[same]) & ~self.held.is_deleted[at]
        lands = ~(same | again)
        later = np.zeros(len(sound), np.int64)
        self.counts.unchanged += int(same.sum())
        self._count(sound, lands, held)
        for row in np.flatnonzero(again).tolist():
            lands[row], later[row] = self._one(
                sound, row, int(hashes[row]), int(digests[row]), int(held[row]), int(before[row])
            )
        self._met.add(hashes)
        self._past.append((digests, lands, _light(sound)))
        self.counts.landed += int(lands.sum())
        return self._table(sound, hexes, lands, later, endpoint, page_sha256)

    def _count(self, sound: Sound, lands: npt.NDArray[np.bool_], held: Rows) -> None:
        """Add what lands to the control totals and take out what it replaces."""
        self._gain(sound.currencies, sound.amounts, pa.array(lands), 1)
        replaced = held[lands & (held >= 0)]
        replaced = replaced[~self.held.is_deleted[replaced]]
        if len(replaced):
            rows = pa.array(replaced)
            amounts = self.held.amounts.take(rows)
            self._gain(self.held.currencies.take(rows), amounts, pc.is_valid(amounts), -1)

    def _gain(self, currencies: pa.Array, amounts: pa.Array, counted: pa.Array, sign: int) -> None:
        own = pa.table({"currency": currencies, "amount": amounts}).filter(counted)
        sums = own.group_by("currency").aggregate([("amount", "sum"), ("amount", "count")])
        for row in sums.to_pylist():
            total = self.gained.setdefault(row["currency"], Sum())
            total.count += sign * row["amount_count"]
            total.amount += sign * row["amount_sum"]

    def _one(
        self, sound: Sound, row: int, hash_: int, digest: int, held: int, before: int
    ) -> tuple[bool, int]:
        """Compare one record that comes more than once; return whether and how late it lands."""
        version = self._again.get(hash_) or self._version_of(held, before)
        self._again[hash_] = version
        currency, amount = sound.currencies[row].as_py(), sound.amounts[row].as_py()
        is_same = version.digest == digest and not version.is_deleted
        if version.is_met and is_same:
            self.counts.duplicate += 1
            self.duplicates.setdefault(currency, Sum()).add(amount)
            return False, 0
        version.is_met = True
        if is_same:
            self.counts.unchanged += 1
            return False, 0
        if version.landed:
            self.gained[version.currency].add(version.amount, -1)
        elif held >= 0 and not self.held.is_deleted[held] and self.held.amounts[held].is_valid:
            own = self.held.currencies[held].as_py()
            self.gained.setdefault(own, Sum()).add(self.held.amounts[held].as_py(), -1)
        self.gained.setdefault(currency, Sum()).add(amount)
        version.digest, version.is_deleted = digest, False
        version.amount, version.currency = amount, currency
        version.landed += 1
        return True, version.landed - 1

    def _version_of(self, held: int, before: int) -> _Version:
        """Return what this sync knows of a record that now comes again."""
        if before >= 0:
            for digests, lands, sound in self._past:
                if before < len(digests):
                    return _Version(
                        int(digests[before]), False, held, True, int(lands[before]),
                        sound.amounts[before].as_py(), sound.currencies[before].as_py(),
                    )  # fmt: skip
                before -= len(digests)
        if held >= 0:
            return _Version(int(self.held.digests[held]), bool(self.held.is_deleted[held]), held)
        return _Version(None, False, -1)

    def _table(
        self, sound: Sound, hexes: pa.Array, lands: npt.NDArray[np.bool_], later: Rows,
        endpoint: str, page_sha256: str,
    ) -> pa.Table | None:  # fmt: skip
        count = int(lands.sum())
        if not count:
            return None
        keep = pa.array(lands)
        ticks = np.datetime64(self.fetched_at.replace(tzinfo=None), "us") + later[lands]
        stamped = ENVELOPE.field("fetched_at").type
        columns = {
            "tenant_id": pa.repeat(self.scope.tenant_id, count),
            "connection_id": pa.repeat(self.scope.connection_id, count),
            "record_id": sound.record_ids.filter(keep),
            "modified_at": pa.nulls(count, stamped),
            "is_deleted": pa.repeat(False, count),
            "payload": sound.payloads.filter(keep),
            "payload_sha256": hexes.filter(keep),
            "endpoint": pa.repeat(endpoint, count),
            "page_sha256": pa.repeat(page_sha256, count),
            "position": sound.positions.filter(keep),
            "fetched_at": pa.array(ticks, pa.timestamp("us")).cast(stamped),
        }
        return pa.Table.from_arrays([columns[one.name] for one in ENVELOPE], schema=ENVELOPE)


def _light(sound: Sound) -> Sound:
    """Keep of past rows what a later version of them needs."""
    nothing = pa.nulls(0)
    currencies = pc.dictionary_encode(sound.currencies)
    return Sound(nothing, nothing, nothing, currencies, sound.amounts)
