"""Typed settings of the front doors: where snapshots and the ledger lie, and who vouches for whom.

Built once when an app starts and passed in; nothing reads the environment at import. Every variable
here is one that a run of the platform reads too (`.env.example` describes them), so the apps show
what the run wrote. The defaults fit a fresh clone: no variable has to be set.
"""

from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class AppSettings(BaseSettings):
    """What the dashboard, the API, the reports and the exports need to know.

    Attributes:
        profile: `dev` signs everyone in as a demo user, the others ask the ledger's grants.
        var: the one folder for everything a run produces.
        ledger_url: SQLAlchemy address of the ledger; by default the file in `var/ledger/`.
        keys: the folder of keys; by default `var/keys/`.
        bank_webhook_secret: the bank's Standard Webhooks secret (`whsec_…`); without it the door
            for bank events refuses everything.
        bank_url: the bank's address; unset means that the sandbox plays every counterpart.
        warehouse_path: the warehouse file; by default the one in `var/warehouse/`.
        publish_url: the Postgres database where marts are published for BI tools; unset means the
            snapshot file is what BI tools open.
    """

    model_config = SettingsConfigDict(
        env_prefix="IFP_", env_file=".env", extra="ignore", frozen=True
    )

    profile: Literal["dev", "staging", "prod"] = "dev"
    var: Path = Path("var")
    ledger_url: SecretStr | None = None
    keys: Path | None = None
    bank_webhook_secret: SecretStr | None = None
    publish_url: SecretStr | None = None
    bank_url: str | None = None
    warehouse_path: Path | None = None

    @property
    def published(self) -> Path:
        """The folder of published snapshots."""
        return self.var / "published"

    @property
    def inbox(self) -> Path:
        """The folder of uploaded files, by content hash."""
        return self.var / "inbox"

    @property
    def assessments(self) -> Path:
        """The folder of assessed files, by assessment."""
        return self.var / "assessments"

    @property
    def warehouse(self) -> Path:
        """The warehouse file."""
        return self.warehouse_path or self.var / "warehouse" / "ifp.duckdb"

    @property
    def warehouse_lock(self) -> Path:
        """The file whose lock whoever uses the warehouse holds."""
        return self.var / "warehouse" / "writer.lock"

    @property
    def is_simulated(self) -> bool:
        """Whether the sandbox plays the counterparts, so that no money moves."""
        return self.profile != "prod" and self.bank_url is None

    @property
    def ledger_address(self) -> str:
        """The ledger's SQLAlchemy address, given or derived from `var`."""
        if self.ledger_url is not None:
            return self.ledger_url.get_secret_value()
        return f"sqlite:///{(self.var / 'ledger' / 'ledger.sqlite').resolve()}"

    @property
    def ledger_keys(self) -> Path:
        """The folder of signing and tenant keys."""
        return self.keys if self.keys is not None else self.var / "keys"
