"""Is the platform well: what can be seen of it from the front doors, each thing with its remedy.

Read from the ledger, the heartbeats beside it, the folder of everything a run produces, and the
versions installed. Nothing is started, repaired or asked over the network.
"""

import fcntl
import os
import platform
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from apps.freshness import OVERDUE_AFTER, age_text
from apps.look import count, moment, plural
from apps.settings import AppSettings
from apps.warehouse import Publication
from ledger.heartbeats import STOPPED, Heartbeat
from ledger.store import Ledger

Standing = Literal["good", "rest", "attention", "act"]
WORKER = "worker"
START_WORKER = "ifp up"
PACKAGES = ("invoice-financing-platform", "duckdb", "polars", "dagster", "dbt-core", "streamlit")

_LEAST_FREE = 2_000_000_000
_LITTLE_FREE = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: what it is.
        standing: `good`, `rest` (nothing to judge), `attention` or `act`.
        found: what was found, in words with figures.
        remedy: what to do; empty when it is well.
    """

    what: str
    standing: Standing
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class FolderSize:
    """How much one folder of the platform holds.

    Attributes:
        name: its name below `var`.
        size_bytes: of all files in it.
        files: how many.
        holds: what it is for.
    """

    name: str
    size_bytes: int
    files: int
    holds: str


FOLDERS = {
    "ledger": "entries, queue and proofs: the system of record",
    "warehouse": "raw history and marts",
    "published": "immutable snapshots",
    "proofs": "record hashes of announced datasets",
    "reports": "rendered reports",
    "inbox": "uploaded files",
    "assessments": "assessed files and their reports",
    "dagster": "history of runs",
    "logs": "log files",
}
"""Folders below `var`, and what they hold."""


def workers(ledger: Ledger) -> list[Heartbeat]:
    """Return what every worker last said of itself, the latest first."""
    return [beat for beat in ledger.heartbeats.all() if beat.process == WORKER]


def is_served(ledger: Ledger, now: datetime) -> bool:
    """Tell whether a worker lives that will carry out what is asked."""
    return any(beat.doing != STOPPED and not beat.is_late(now) for beat in workers(ledger))


def worker(ledger: Ledger, now: datetime) -> Finding:
    """Judge the worker by its heartbeat."""
    beats = workers(ledger)
    alive = [beat for beat in beats if beat.doing != STOPPED and not beat.is_late(now)]
    if alive:
        first = alive[0]
        since = age_text(now - first.doing_since)
        more = f", {plural(len(alive), 'worker')} in all" if len(alive) > 1 else ""
        return Finding(
            "Worker", "good",
            f"{first.doing} for {since}; last beat {age_text(now - first.beat_at)} ago{more}",
        )  # fmt: skip
    remedy = f"Start it: {START_WORKER}; what people ask waits in the queue until then"
    if not beats:
        return Finding("Worker", "attention", "no worker was heard of in two days", remedy)
    last = beats[0]
    if last.doing == STOPPED:
        return Finding("Worker", "attention", f"stopped at {moment(last.beat_at)}", remedy)
    silent = age_text(now - last.beat_at)
    return Finding(
        "Worker", "act", f"silent for {silent}; it was {last.doing}",
        f"Look at worker.log in the folder of logs; {remedy[0].lower()}{remedy[1:]}",
    )  # fmt: skip


def ledger_state(ledger: Ledger, settings: AppSettings) -> Finding:
    """Say how large the ledger is and where it lies."""
    path = _sqlite_file(settings)
    size = f", {bytes_text(path.stat().st_size)}" if path is not None and path.is_file() else ""
    kind = "SQLite" if path is not None else "Postgres"
    return Finding("Ledger", "good", f"{plural(ledger.size(), 'entry')} in {kind}{size}")


def checkpoint(ledger: Ledger, now: datetime) -> Finding:
    """Say when the head of the ledger was last signed, and how many entries came since."""
    last = ledger.latest("checkpoint")
    if last is None:
        return Finding(
            "Checkpoint", "attention", "none was signed yet",
            "A run signs one: ifp run; keep it outside this machine",
        )  # fmt: skip
    later = ledger.size() - last.index - 1
    since = f"; {plural(later, 'entry')} came since" if later else ""
    return Finding(
        "Checkpoint", "good",
        f"signed {age_text(now - last.recorded_at)} ago at entry {count(last.index)}{since}",
    )  # fmt: skip


def snapshot(publication: Publication | None, folder: Path, now: datetime) -> Finding:
    """Judge the published snapshot by its age, and whether its file is there."""
    if publication is None:
        return Finding("Snapshot", "attention", "nothing is published yet", "Publish: ifp run")
    path = folder / publication.file
    age = now - publication.recorded_at
    found = f"{publication.snapshot_id}, published {age_text(age)} ago"
    if not path.is_file():
        return Finding(
            "Snapshot", "act", f"{found}; its file is missing",
            "Restore it, or publish again: ifp run",
        )  # fmt: skip
    stale = sorted(name for name, told in publication.tenants.items() if told["state"] == "stale")
    if stale:
        return Finding(
            "Snapshot", "attention", f"{found}; {plural(len(stale), 'tenant')} stays behind",
            "Look at data quality: it names what holds the tenant back",
        )  # fmt: skip
    if age > OVERDUE_AFTER:
        return Finding(
            "Snapshot", "attention", found,
            "Publish: ifp run, or switch the hourly schedule on in Dagster",
        )  # fmt: skip
    return Finding("Snapshot", "good", f"{found}, {bytes_text(path.stat().st_size)}")


def disk(var: Path) -> Finding:
    """Judge the free space where everything is kept."""
    usage = shutil.disk_usage(_existing(var))
    found = f"{bytes_text(usage.free)} free of {bytes_text(usage.total)}"
    remedy = "Remove old snapshots and logs, or give the folder more room; never the ledger"
    if usage.free < _LEAST_FREE:
        return Finding("Disk space", "act", found, remedy)
    if usage.free < _LITTLE_FREE:
        return Finding("Disk space", "attention", found, remedy)
    return Finding("Disk space", "good", found)


def counterparts(settings: AppSettings) -> Finding:
    """Say whether banks, bureaus and mail are simulated."""
    if settings.is_simulated:
        return Finding(
            "Counterparts", "rest",
            "simulated: the sandbox plays bank, bureau, ledgers and mail; no money moves",
        )  # fmt: skip
    return Finding("Counterparts", "good", f"real, in the {settings.profile} profile: money moves")


def keys(settings: AppSettings) -> Finding:
    """Judge the signing key: there, and readable by its owner only."""
    path = settings.ledger_keys / "signing.pem"
    if not path.is_file():
        return Finding(
            "Keys", "act", "the signing key is missing", "Restore the folder of keys from backup"
        )
    if path.stat().st_mode & 0o077:
        return Finding(
            "Keys", "act", "others on this machine may read the signing key",
            f"chmod 600 {path.name} in the folder of keys",
        )  # fmt: skip
    return Finding("Keys", "good", "the signing key is there and private")


def writer(settings: AppSettings) -> Finding:
    """Say whether the warehouse is being written now."""
    if not settings.warehouse_lock.is_file():
        return Finding("Warehouse", "rest", "no run has written one yet")
    if _is_held(settings.warehouse_lock):
        return Finding("Warehouse", "rest", "a run or a sync is writing now")
    path = settings.warehouse
    size = f", {bytes_text(path.stat().st_size)}" if path.is_file() else ""
    return Finding("Warehouse", "good", f"nobody is writing{size}")


def folder_sizes(var: Path) -> list[FolderSize]:
    """Measure the folders below `var`, the largest first."""
    found = []
    for name, holds in FOLDERS.items():
        sizes = list(_file_sizes(var / name))
        if sizes:
            found.append(FolderSize(name, sum(sizes), len(sizes), holds))
    return sorted(found, key=lambda one: -one.size_bytes)


def versions() -> list[tuple[str, str]]:
    """Return what is installed: name and version."""
    found = [("Python", platform.python_version())]
    for name in PACKAGES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return found


def worst(findings: Iterable[Finding]) -> Standing:
    """Return the worst standing among findings."""
    order: tuple[Standing, ...] = ("act", "attention", "good", "rest")
    return min((one.standing for one in findings), key=order.index, default="rest")


def bytes_text(size: int) -> str:
    """Write a size in decimal units with three digits: `1.24 GB`."""
    value, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while value >= _THOUSAND and len(units) > 1:
        value, units = value / _THOUSAND, units[1:]
    digits = 0 if units[0] == "B" or value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {units[0]}"


_THOUSAND = 1000


def _sqlite_file(settings: AppSettings) -> Path | None:
    address = settings.ledger_address
    return Path(address.removeprefix("sqlite:///")) if address.startswith("sqlite") else None


def _existing(path: Path) -> Path:
    found = path.resolve()
    while not found.exists():
        found = found.parent
    return found


def _is_held(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _file_sizes(folder: Path) -> Iterable[int]:
    if not folder.is_dir():
        return
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                yield path.stat().st_size
        except OSError:
            continue
