"""Sources → raw: pull what changed through the connectors, for every connection there is.

The bureau is asked about the companies that the sellers' ledgers name as customers, so it comes
after them; the rows it is asked about are handed to `ingestion`, which looks nothing up itself.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.connection import Subject, System
from models.domain.identity import surrogate_key
from models.domain.normalise import tax_id_norm
from orchestration import places
from orchestration.connections import SYSTEMS, connections, described
from orchestration.live import landing as live_landing
from orchestration.resources.warehouse import Warehouse
from orchestration.settings import ROOT, Settings

if TYPE_CHECKING:
    from ingestion.pipeline import SyncReport
    from orchestration.platform import Platform

_CONTACTS = """
select tenant_id, connection_id, record_id, payload
from raw_xero.contacts
where not is_deleted
qualify row_number() over (
    partition by tenant_id, connection_id, record_id order by fetched_at desc, position desc
) = 1
"""
_COUNTRIES = ROOT / "transform" / "seeds" / "country_names.csv"
_CODE_LENGTH = 2


def sync(
    platform: Platform,
    systems: Sequence[System] = SYSTEMS,
    *,
    tenant_id: str | None = None,
    full: bool = False,
    on_progress: Callable[[Any], None] | None = None,
) -> SyncReport:
    """Pull the given systems into raw; one connection's failure never stops another.

    Args:
        platform: The opened platform.
        systems: Which systems to pull.
        tenant_id: Only this tenant's connections.
        full: Pull everything instead of what changed.
        on_progress: Called as pages land.
    """
    from ingestion import pipeline

    for system in systems:
        if system in ("xero", "dnb") and not platform.only_files:
            live_landing.take_in(platform, system)
    subjects = customers(platform) if "dnb" in systems else []
    with platform.warehouse.held() as path:
        return pipeline.sync(
            connections(platform, systems, tenant_id),
            warehouse=path,
            var=platform.places.var,
            subjects=subjects,
            full=full,
            now=fetch_time(platform),
            on_progress=on_progress,
        )


def sync_file(settings: Settings, path: Path, *, full: bool = False) -> SyncReport:
    """Pull the one connection that a YAML file describes, whatever else is known.

    Args:
        settings: What the environment said.
        path: Names ``tenant_id, connection_id, system, base_url, token_url, credentials`` and
            ``options``; a credential may be written ``env:NAME``.
        full: Pull everything instead of what changed.
    """
    from ingestion import pipeline

    where = places.at(settings.var)
    warehouse = Warehouse(settings.warehouse_path or where.warehouse, where.lock)
    with warehouse.held() as file:
        return pipeline.sync(
            [described(path)],
            warehouse=file,
            var=where.var,
            full=full,
            now=datetime.now(UTC),
        )


def fetch_time(platform: Platform) -> datetime:
    """Return when records are fetched: the sandbox's time in its world, else the machine's."""
    return platform.counterparts.now or datetime.now(UTC)


def customers(platform: Platform) -> list[Subject]:
    """List the companies that the sellers' ledgers name as customers, each once.

    Ids are those that `transform` gives debtors: by tax id where there is one, else by the
    connection and the contact's own code. Natural persons are not asked about.
    """
    from ingestion.pipeline import ensure_tables

    with platform.warehouse.held() as path:
        ensure_tables(path)
    with platform.warehouse.open() as connection:
        rows = connection.execute(_CONTACTS).fetchall()
    countries = country_codes()
    found: dict[tuple[str, str], Subject] = {}
    for tenant_id, connection_id, record_id, payload in rows:
        subject = subject_of(tenant_id, connection_id, record_id, json.loads(payload), countries)
        if subject is not None:
            found.setdefault((tenant_id, subject.party_id), subject)
    return sorted(found.values(), key=lambda item: (item.tenant_id, item.party_id))


def totals(report: SyncReport, entity: str) -> dict[str, Any]:
    """Sum what a sync did to one entity, as metadata of its asset."""
    parts = [item for item in report.entities if item.entity == entity]
    counts = ("read", "landed", "unchanged", "duplicate", "quarantined", "pages")
    metadata: dict[str, Any] = {
        name: sum(int(getattr(item, name)) for item in parts) for name in counts
    }
    metadata["connections"] = len(parts)
    metadata["failed"] = sum(item.status == "failed" for item in parts)
    return metadata


def subject_of(
    tenant_id: str,
    connection_id: str,
    record_id: str,
    contact: Mapping[str, Any],
    countries: Mapping[str, str],
) -> Subject | None:
    """Name the company a contact stands for as the bureau is asked; none for people.

    Args:
        tenant_id: Whose book.
        connection_id: In which ledger.
        record_id: The contact's own id there.
        contact: Its payload.
        countries: ISO code by spelling, see :func:`country_codes`.
    """
    name = str(contact.get("Name") or "").strip()
    person = " ".join(str(contact.get(part) or "").strip() for part in ("FirstName", "LastName"))
    is_person = not contact.get("CompanyNumber") and person == name
    if not name or is_person or contact.get("MergedToContactID"):
        return None
    tax_id = tax_id_norm(str(contact.get("TaxNumber") or ""))
    party_id = (
        surrogate_key(tenant_id, "debtor", "tax", tax_id)
        if tax_id
        else surrogate_key(tenant_id, "debtor", connection_id, record_id)
    )
    return Subject(
        tenant_id=tenant_id,
        party_id=party_id,
        name=name,
        country=_country(contact, countries),
        registration_number=str(contact.get("CompanyNumber") or "") or tax_id or None,
    )


def _country(contact: Mapping[str, Any], countries: Mapping[str, str]) -> str | None:
    for address in contact.get("Addresses") or []:
        text = str(address.get("Country") or "").strip().upper()
        if text:
            return countries.get(text) or (text if len(text) == _CODE_LENGTH else None)
    return None


@cache
def country_codes() -> Mapping[str, str]:
    """Read the ISO code of each spelling of a country."""
    with _COUNTRIES.open(encoding="utf-8", newline="") as lines:
        return {row["name_key"]: row["country"] for row in csv.DictReader(lines)}
