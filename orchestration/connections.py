"""Which books are read for whom: connections with their credentials resolved.

In a sandbox every organisation of the world is a seller's ledger system, the bank and the bureau
are one connection per tenant, and files are whatever was put into the tenant's inbox. Outside the
sandbox the ledger's connections say it; `ingestion` never looks anything up.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from pydantic import SecretStr

from ingestion.connection import Connection, System
from orchestration.platform import Platform
from orchestration.resources.counterparts import Organisation, Source
from orchestration.uploads import uploads

SYSTEMS: tuple[System, ...] = ("xero", "dnb", "bank", "files")


def connections(
    platform: Platform, systems: Sequence[System] = SYSTEMS, tenant_id: str | None = None
) -> list[Connection]:
    """Return the connections of the given systems, of one tenant or of all."""
    known = [*_of_inbox(platform)]
    if not platform.only_files:
        known = [*_of_world(platform), *_of_ledger(platform), *known]
    return [
        item
        for item in known
        if item.system in systems and (tenant_id is None or item.tenant_id == tenant_id)
    ]


def tenants(platform: Platform) -> list[str]:
    """Return every tenant that has a connection, in order."""
    return sorted({item.tenant_id for item in connections(platform)})


class ConnectionFileError(ValueError):
    """A file does not describe a connection; the message says what it needs."""


def described(path: Path) -> Connection:
    """Read the connection that a YAML file describes.

    Raises:
        ConnectionFileError: The file lacks what a connection needs.
    """
    import yaml

    noted = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(noted, dict):
        raise ConnectionFileError(f"{path} describes no connection")
    missing = [name for name in ("tenant_id", "connection_id", "system") if name not in noted]
    if missing or noted["system"] not in SYSTEMS:
        raise ConnectionFileError(
            f"{path} needs tenant_id, connection_id and system ({', '.join(SYSTEMS)})"
        )
    return Connection(
        tenant_id=str(noted["tenant_id"]),
        connection_id=str(noted["connection_id"]),
        system=noted["system"],
        seller_name=str(noted.get("seller_name", "")),
        base_url=str(noted.get("base_url", "")),
        token_url=str(noted.get("token_url", "")),
        credentials={
            name: SecretStr(_secret(str(text)))
            for name, text in (noted.get("credentials") or {}).items()
        },
        options=noted.get("options") or {},
    )


def _secret(text: str) -> str:
    """Return a secret as written, or the environment variable that ``env:NAME`` names."""
    return os.environ[text.removeprefix("env:")] if text.startswith("env:") else text


def _of_world(platform: Platform) -> Iterable[Connection]:
    organisations = platform.counterparts.organisations
    sources = platform.counterparts.sources
    for organisation in organisations:
        yield _xero(organisation, sources["xero"])
    for tenant_id in sorted({item.tenant_id for item in organisations}):
        for system in ("dnb", "bank"):
            yield _shared(tenant_id, system, sources[system], organisations)


def _xero(organisation: Organisation, source: Source) -> Connection:
    return Connection(
        tenant_id=organisation.tenant_id,
        connection_id=organisation.connection_id,
        system="xero",
        seller_name=organisation.name,
        base_url=source.base_url,
        token_url=source.token_url,
        credentials=source.credentials,
        options={"xero_tenant_id": organisation.xero_tenant_id},
    )


def _shared(
    tenant_id: str, system: System, source: Source, organisations: Sequence[Organisation]
) -> Connection:
    accounts = [item.collection_account_id for item in organisations if item.tenant_id == tenant_id]
    return Connection(
        tenant_id=tenant_id,
        connection_id=f"{system}-{tenant_id}",
        system=system,
        base_url=source.base_url,
        token_url=source.token_url,
        credentials=source.credentials,
        options={"account_ids": accounts} if system == "bank" else {},
    )


def _of_ledger(platform: Platform) -> Iterable[Connection]:
    for kept in platform.ledger.connections.list():
        yield Connection(
            tenant_id=kept.tenant_id,
            connection_id=kept.connection_id,
            system=cast("System", kept.system),
            seller_name=kept.seller_name,
            base_url=kept.base_url,
            token_url=kept.token_url,
            credentials=kept.credentials,
            options=kept.options,
        )


def _of_inbox(platform: Platform) -> Iterable[Connection]:
    for upload in uploads(platform.places):
        yield Connection(
            tenant_id=upload.tenant_id,
            connection_id=upload.connection_id,
            system="files",
            seller_name=upload.connection_id,
            options={
                "paths": [str(path) for path in upload.paths],
                **({"currency": upload.currency} if upload.currency else {}),
            },
        )
