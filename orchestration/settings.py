"""Typed settings, read once at start and passed in.

Every variable has the prefix ``IFP_`` and is described in ``.env.example``; a test keeps the two
equal. Three profiles exist: ``dev`` runs against the sandbox and needs nothing, ``staging`` may
use either, ``prod`` refuses sandbox addresses, generated keys, missing secrets and whatever
would send one unencrypted.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds ``dbt_project.yml``."""

PREFIX = "IFP_"

DEMO_MAIL_FROM = "financing@ifp.example"
DEMO_MAIL_TO = "compliance@ifp.example"

_NEEDED_IN_PROD = (
    "bank_url",
    "bank_client_id",
    "bank_client_secret",
    "bank_webhook_secret",
    "xero_url",
    "xero_client_id",
    "xero_client_secret",
    "dnb_url",
    "dnb_key",
    "dnb_secret",
    "smtp_host",
    "mail_from",
    "mail_to",
    "ledger_url",
    "keys",
)
_ENCRYPTED = ("bank_url", "xero_url", "dnb_url")
KEY_FILES = ("signing.pem", "master.key")
_ADDRESSES = ("bank_url", "xero_url", "dnb_url", "smtp_host", "ledger_url", "publish_url")


class SettingsError(Exception):
    """The environment does not describe a platform that may start; the message names each fault."""


class Settings(BaseSettings):
    """What the platform needs to know before it starts; see ``.env.example`` for each variable."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    profile: Literal["dev", "staging", "prod"] = "dev"
    var: Path = Path("var")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"
    log_format: Literal["auto", "console", "json"] = "auto"
    policy: Path = ROOT / "models" / "decisions" / "policies" / "default.yml"
    crash_at: str | None = None

    host: str = "127.0.0.1"
    dagster_port: int = Field(3000, ge=1, le=65535)
    dashboard_port: int = Field(8501, ge=1, le=65535)
    api_port: int = Field(8000, ge=1, le=65535)
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(9464, ge=1, le=65535)

    backup_folder: Path | None = None
    backup_passphrase: SecretStr | None = None

    sandbox_url: str | None = None
    sandbox_seed: int = 7
    sandbox_sellers: int = Field(20, ge=1)
    sandbox_debtors: int = Field(300, ge=1)
    sandbox_invoices: int = Field(12_000, ge=1)
    sandbox_months: int = Field(24, ge=1)
    sandbox_as_of: date = date(2026, 6, 30)

    dbt_target: Literal["duckdb", "postgres"] = "duckdb"
    warehouse_path: Path | None = None
    warehouse_memory: str = Field("1500MB", pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$")
    postgres_host: str = "127.0.0.1"
    postgres_port: int = Field(5432, ge=1, le=65535)
    postgres_user: str = "ifp"
    postgres_password: SecretStr | None = None
    postgres_dbname: str = "ifp"

    ledger_url: SecretStr | None = None
    keys: Path | None = None
    publish_url: SecretStr | None = None

    bank_url: str | None = None
    bank_client_id: str | None = None
    bank_client_secret: SecretStr | None = None
    bank_webhook_secret: SecretStr | None = None
    xero_url: str | None = None
    xero_client_id: str | None = None
    xero_client_secret: SecretStr | None = None
    dnb_url: str | None = None
    dnb_key: str | None = None
    dnb_secret: SecretStr | None = None

    smtp_host: str | None = None
    smtp_port: int = Field(25, ge=1, le=65535)
    smtp_tls: bool = False
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str = DEMO_MAIL_FROM
    mail_to: str | None = None
    mail_to_tenants: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _refuse_what_prod_forbids(self) -> Self:
        if self.profile == "prod" and (faults := self._faults()):
            raise ValueError("; ".join(faults))
        if self.crash_at and self.profile != "dev":
            raise ValueError(f"{PREFIX}CRASH_AT is allowed in the dev profile only")
        return self

    def _faults(self) -> list[str]:
        faults = [
            f"{variable(name)} is required in prod"
            for name in _NEEDED_IN_PROD
            if name not in self.model_fields_set or not getattr(self, name)
        ]
        if self.sandbox_url:
            faults.append(f"{variable('sandbox_url')} must not be set in prod")
        faults += [
            f"{variable(name)} points at this machine, where only a sandbox listens"
            for name in _ADDRESSES
            if is_sandbox_address(_plain(getattr(self, name)))
        ]
        faults += [
            f"{variable(name)} must begin with https://"
            for name in _ENCRYPTED
            if (address := getattr(self, name)) and not address.startswith("https://")
        ]
        faults += [
            f"{variable(name)} is the address of the demo; name one of yours"
            for name, demo in (("mail_from", DEMO_MAIL_FROM), ("mail_to", DEMO_MAIL_TO))
            if getattr(self, name) == demo
        ]
        if self.smtp_password is not None and not self.smtp_tls:
            faults.append(
                f"{variable('smtp_tls')} must be true in prod: a password would go out in clear"
            )
        if self.keys is not None and not all((self.keys / name).is_file() for name in KEY_FILES):
            faults.append(
                f"{variable('keys')} must name a folder with signing.pem and master.key;"
                " prod generates none"
            )
        return faults

    @property
    def uses_sandbox(self) -> bool:
        """Whether counterparts are played by the sandbox rather than named one by one."""
        return self.profile != "prod" and self.bank_url is None


def variable(field: str) -> str:
    """Name the environment variable of a settings field."""
    return PREFIX + field.upper()


def is_sandbox_address(address: str | None) -> bool:
    """Tell whether an address is loopback or unspecified, as every sandbox address is."""
    if not address:
        return False
    host = urlsplit(address).hostname if "//" in address else address
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return False
    return parsed.is_loopback or parsed.is_unspecified


def load(**overrides: Any) -> Settings:  # noqa: ANN401 - one value per field, checked by pydantic
    """Read the environment and the file ``.env`` once.

    Args:
        overrides: Values that win over the environment, by field name.

    Raises:
        SettingsError: With one line per variable that is wrong or missing.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(_env_file=Path(".env"), **given)  # type: ignore[call-arg]
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(item) for item in error.errors())) from None


def _explain(item: Mapping[str, Any]) -> str:
    message = str(item["msg"]).removeprefix("Value error, ")
    if not item["loc"]:
        return "\n".join(message.split("; "))
    name = str(item["loc"][0])
    return f"{variable(name.removeprefix(PREFIX.lower()))}: {message}"


def _plain(value: str | SecretStr | None) -> str | None:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
