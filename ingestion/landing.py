"""Raw is verbatim: records sliced byte for byte, compared with what we hold, only changes kept.

::

    page bytes ─► records (bytes) ─► describe: id, stamp, amount ─► compare with latest version
                                        │ cannot                      │ same    │ different
                                        ▼                             ▼         ▼
                                    quarantine             unchanged/duplicate  landed

The comparison is with the *latest* version (payload hash and deletion state), never with the
stamp, which may be missing or coarse; so A → B → A is three versions, and a deletion and a
return are versions. ``read = landed + unchanged + duplicate + quarantined`` holds after every
record; versions written because a record is gone are counted apart (``vanished``).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec
import pyarrow as pa

from ingestion.bulk import Batch
from ingestion.envelope import Rows
from ingestion.quarantine import Quarantined, Unlandable
from ingestion.totals import Counts, Described, Sum, combined, totals

_TICK = timedelta(microseconds=1)


def split(records: bytes | msgspec.Raw) -> list[bytes]:
    """Slice a JSON array into its elements without decoding or copying their text.

    Raises:
        msgspec.DecodeError: It is no JSON array.
    """
    return [bytes(raw) for raw in msgspec.json.decode(records, type=list[msgspec.Raw])]


@dataclass(frozen=True, slots=True)
class Scope:
    """One entity of one connection: what a sync reads, reports and resumes by."""

    tenant_id: str
    connection_id: str
    system: str
    entity: str


Describe = Callable[[bytes], Described]
Payloads = Callable[[Sequence[str]], Mapping[str, tuple[str, bool]]]


@dataclass(frozen=True, slots=True)
class Page:
    """Some records as a source gave them.

    Attributes:
        endpoint: Where from, with the paging.
        body: The whole page; its hash is each record's second proof.
        records: Slices of the body.
        positions: Where each record stands in the page or document; 0, 1, 2 … unless given.
        body_sha256: Hash of the body, when the caller has it already.
        record_ids: Keys of the records, where they cannot be read from the records.
        problems: By index, what the connector knows already to be wrong with a record.
    """

    endpoint: str
    body: bytes
    records: Sequence[bytes]
    positions: Sequence[int] | None = None
    body_sha256: str | None = None
    record_ids: Sequence[str] | None = None
    problems: Mapping[int, Unlandable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest version of a record that we hold; equal when bytes and state are."""

    payload_sha256: str
    is_deleted: bool
    fetched_at: datetime | None = field(default=None, compare=False)


@dataclass
class Landing:
    """Takes the pages of one scope and gives back the rows to append.

    Attributes:
        known: Latest version of every record held so far; moves on with each version landed.
        fetched_at: When this sync reads, later than that of any version held.
    """

    scope: Scope
    known: dict[str, Latest]
    describe: Describe
    fetched_at: datetime
    counts: Counts = field(default_factory=Counts)
    quarantine: list[Quarantined] = field(default_factory=list)
    seen: dict[str, Described] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    duplicates: dict[str, Sum] = field(default_factory=dict)
    newest: datetime | None = None
    _versions: dict[str, int] = field(default_factory=dict)

    def take(self, found: Page | Batch) -> pa.Table | None:
        """Compare a page with what is held; return the rows to append, if any."""
        page = found if isinstance(found, Page) else _page(found)
        page_sha256 = page.body_sha256 or hashlib.sha256(page.body).hexdigest()
        self.counts.pages += 1
        rows = Rows(self.scope, page.endpoint, page_sha256)
        for index, record in enumerate(page.records):
            position = page.positions[index] if page.positions else index
            record_id = page.record_ids[index] if page.record_ids else None
            self.counts.read += 1
            try:
                if index in page.problems:
                    raise page.problems[index]
                self._compare(record, record_id, position, rows)
            except Unlandable as problem:
                problem.record_id = problem.record_id or record_id
                self._refuse(record, problem, page.endpoint, page_sha256, position)
        return rows.table()

    def refuse_page(self, endpoint: str, body: bytes, reason_code: str, detail: str) -> None:
        """Put a page that cannot be split into quarantine; it counts as one record read."""
        self.counts.pages += 1
        self.counts.read += 1
        page_sha256 = hashlib.sha256(body).hexdigest()
        self._refuse(body, Unlandable(reason_code, detail), endpoint, page_sha256, -1)

    def gone(self) -> list[str]:
        """Name the records held that this sync, being a complete listing, did not meet."""
        refused = {row.record_id for row in self.quarantine}
        return [
            record_id
            for record_id, latest in self.known.items()
            if not latest.is_deleted and record_id not in self.seen and record_id not in refused
        ]

    def vanish(self, endpoint: str, payloads: Mapping[str, str]) -> pa.Table | None:
        """Append a deletion, with its last payload, for each record that is gone."""
        rows = Rows(self.scope, endpoint, "")
        for position, (record_id, payload) in enumerate(payloads.items()):
            sha256 = self.known[record_id].payload_sha256
            self.known[record_id] = Latest(sha256, is_deleted=True)
            self.replaced.add(record_id)
            self.counts.vanished += 1
            gone = Described(record_id, is_deleted=True)
            rows.add(gone, payload, sha256, position, self.fetched_at)
        return rows.table()

    @property
    def changed(self) -> list[Described]:
        """Records that got a new version from the source, as they stand now."""
        return [self.seen[record_id] for record_id in self._versions]

    @property
    def met(self) -> list[Described]:
        """Every record this sync met, as it stands now."""
        return list(self.seen.values())

    def difference(self, payloads: Payloads) -> dict[str, Sum]:
        """Return what this sync adds to the control totals, given the payloads it replaced."""
        before = [
            self.describe(payload.encode())
            for payload, is_deleted in payloads(sorted(self.replaced)).values()
            if not is_deleted
        ]
        return combined([(totals(self.changed), 1), (totals(before), -1)])

    def sound_of(self, record_ids: Set[str]) -> set[str]:
        """Name those of some records that this sync met sound."""
        return set(record_ids & self.seen.keys())

    def _compare(self, record: bytes, record_id: str | None, position: int, rows: Rows) -> None:
        payload = _text(record)
        described = self.describe(record)
        if record_id is not None:
            described = replace(described, record_id=record_id)
        sha256 = hashlib.sha256(record).hexdigest()
        latest = self.known.get(described.record_id)
        before = self.seen.get(described.record_id)
        is_same = (
            latest is not None
            and latest.payload_sha256 == sha256
            and latest.is_deleted == described.is_deleted
        )
        if before is not None and (is_same or _is_older(described, before)):
            self.counts.duplicate += 1
            self._count_duplicate(described)
            return
        self._meet(described)
        if is_same:
            self.counts.unchanged += 1
        else:
            later = self._version(described, latest, sha256)
            rows.add(described, payload, sha256, position, self.fetched_at + later * _TICK)

    def _meet(self, described: Described) -> None:
        self.seen[described.record_id] = described
        at = described.modified_at
        if at is not None and (self.newest is None or at > self.newest):
            self.newest = at

    def _version(self, described: Described, latest: Latest | None, sha256: str) -> int:
        """Note a new version; return how many of the record this sync has landed before it."""
        record_id = described.record_id
        earlier = self._versions.get(record_id, 0)
        if latest is not None and not earlier:
            self.replaced.add(record_id)
        self._versions[record_id] = earlier + 1
        self.known[record_id] = Latest(sha256, described.is_deleted)
        self.counts.landed += 1
        return earlier

    def _count_duplicate(self, described: Described) -> None:
        if described.amount is not None and described.currency is not None:
            self.duplicates.setdefault(described.currency, Sum()).add(described.amount)

    def _refuse(
        self, raw: bytes, problem: Unlandable, endpoint: str, page_sha256: str, position: int
    ) -> None:
        self.counts.quarantined += 1
        self.quarantine.append(
            Quarantined.of(
                self.scope, raw, problem, endpoint, page_sha256, position, self.fetched_at
            )
        )


def _page(batch: Batch) -> Page:
    """Turn a batch into single records."""
    sound = [payload.encode() for payload in batch.sound.payloads.to_pylist()]
    refused = {len(sound) + at: one.problem for at, one in enumerate(batch.refused)}
    positions = [*batch.sound.positions.to_pylist(), *(one.position for one in batch.refused)]
    records = [*sound, *(one.payload for one in batch.refused)]
    return Page(batch.endpoint, b"", records, positions, batch.body_sha256, problems=refused)


def _is_older(described: Described, before: Described) -> bool:
    """Tell a stale copy, met later in the same sync, from a newer version."""
    return (
        described.modified_at is not None
        and before.modified_at is not None
        and described.modified_at < before.modified_at
    )


def _text(record: bytes) -> str:
    try:
        return record.decode()
    except UnicodeDecodeError as error:
        raise Unlandable("not_utf8", f"byte {error.start} is no UTF-8") from error
