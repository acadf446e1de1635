"""Where a run keeps things: every path under ``var/``, named once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestration import stores


@dataclass(frozen=True, slots=True)
class Places:
    """Paths below the one folder for everything a run produces.

    Attributes:
        var: The folder itself, absolute.
    """

    var: Path

    @property
    def warehouse(self) -> Path:
        """The warehouse file of the ``duckdb`` target."""
        return self.var / "warehouse" / "ifp.duckdb"

    @property
    def lock(self) -> Path:
        """The file whose operating-system lock allows one writer."""
        return self.var / "warehouse" / "writer.lock"

    @property
    def ledger(self) -> Path:
        """The ledger's SQLite file."""
        return self.var / "ledger" / "ledger.sqlite"

    @property
    def keys(self) -> Path:
        """Signing and tenant keys."""
        return self.var / "keys"

    @property
    def published(self) -> Path:
        """Immutable snapshots, one file each."""
        return self.var / "published"

    @property
    def reports(self) -> Path:
        """Rendered reports, by period."""
        return self.var / "reports"

    @property
    def models(self) -> Path:
        """Score models by hash."""
        return self.var / "models"

    @property
    def proofs(self) -> Path:
        """Record hashes of each announced dataset version, by root."""
        return self.var / "proofs"

    @property
    def sandbox(self) -> Path:
        """The sandbox's state."""
        return self.var / "sandbox"

    @property
    def dagster(self) -> Path:
        """Dagster's home."""
        return self.var / "dagster"

    @property
    def dbt(self) -> Path:
        """Target folder of dbt runs."""
        return self.var / "dbt"

    @property
    def inbox(self) -> Path:
        """Uploaded files, by content hash."""
        return self.var / "inbox"

    @property
    def logs(self) -> Path:
        """Log files, one JSON object per line."""
        return self.var / "logs"

    def prepare(self) -> None:
        """Create the folders that steps write to."""
        for folder in (
            self.warehouse.parent,
            self.ledger.parent,
            self.published,
            self.reports,
            self.models,
            self.proofs,
            self.sandbox,
            self.dagster,
            self.dbt,
            self.inbox,
            self.logs,
        ):
            folder.mkdir(parents=True, exist_ok=True)


def at(var: Path) -> Places:
    """Return the places below ``var``, absolute and created.

    Raises:
        StoreError: A newer version wrote the folder, or a restore into it did not end.
    """
    places = Places(var.expanduser().resolve())
    stores.admit(places.var)
    places.prepare()
    return places
