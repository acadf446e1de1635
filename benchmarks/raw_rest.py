"""REST pages over loopback → raw table: ours, dlt's own REST source, and a floor.

200,000 invoices of about 1.3 KB in pages of 1,000 (``IFP_BENCH_RECORDS`` names another number),
served by another process. The floor fetches the same pages to disk and puts them into a table of
the same columns by one DuckDB statement: envelope, hash of every record, hash of every page. Each
round measures all three, one after the other, and the median of each counts.
"""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import httpx
import structlog
from pydantic import SecretStr

from benchmarks._page_server import serving
from ingestion import pipeline
from ingestion.connection import Connection

PAGE_SIZE = 1000
ROUNDS = 3
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
_FLOOR = """
    create table invoices as
    with pages as (
        select filename, content, sha256(content) as page_sha256,
            json_extract(content, '$.Invoices[*]') as records
        from read_text('{folder}/*.json')
    ),
    split as (
        select filename, page_sha256, unnest(records) as payload,
            generate_subscripts(records, 1) as position
        from pages
    )
    select 'alder' as tenant_id, 'seller-1' as connection_id,
        payload ->> '$.InvoiceID' as record_id,
        epoch_ms(cast(regexp_extract(payload ->> '$.UpdatedDateUTC', '-?\\d+') as bigint))
            as modified_at,
        false as is_deleted, cast(payload as varchar) as payload,
        sha256(cast(payload as varchar)) as payload_sha256, filename as endpoint, page_sha256,
        position, timestamptz '2026-06-30 12:00:00+00' as fetched_at
    from split
"""


def run() -> Iterator[dict[str, object]]:
    """Measure seconds for the whole way, rounds in turn."""
    records = int(os.environ.get("IFP_BENCH_RECORDS", "200000"))
    _prepare()
    took: dict[str, list[float]] = {"ours": [], "dlt": [], "floor": []}
    ways = {"ours": _ours, "dlt": _dlt, "floor": _floor}
    with serving(records, PAGE_SIZE) as url:
        for _ in range(ROUNDS):
            for name, way in ways.items():
                took[name].append(_timed(way, url, records))
    ours, dlt, floor = (statistics.median(took[name]) for name in ("ours", "dlt", "floor"))
    work = f"{records:,} records over REST → raw table"
    yield {
        "work": f"{work}, rows/s",
        "measured": records / ours,
        "peer": records / dlt,
        "peer_name": "dlt rest_api to DuckDB, Parquet loader",
        "budget": "≥ 4×",
        "unit": "rows/s",
    }
    yield {
        "work": work,
        "measured": ours,
        "peer": floor,
        "peer_name": "the same pages to disk, then one DuckDB statement",
        "budget": "≤ 2.5×",
    }


def _timed(way: Callable[[str, Path], int], url: str, records: int) -> float:
    folder = Path(tempfile.mkdtemp(prefix="ifp-raw-rest-"))
    try:
        started = time.perf_counter()
        rows = way(url, folder)
        took = time.perf_counter() - started
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if rows != records:
        raise RuntimeError(f"{way.__name__} put {rows} of {records} records into its table")
    return took


def _ours(url: str, folder: Path) -> int:
    connection = Connection(
        tenant_id="alder",
        connection_id="seller-1",
        system="xero",
        base_url=url,
        token_url=f"{url}/token",
        credentials={"client_id": SecretStr("id"), "client_secret": SecretStr("secret")},
        options={"page_size": PAGE_SIZE, "requests_per_minute": 1_000_000},
    )
    warehouse = folder / "warehouse" / "ifp.duckdb"
    report = pipeline.sync([connection], warehouse=warehouse, var=folder, now=NOW)
    if not report.is_ok:
        raise RuntimeError([one.cause for one in report.entities if one.cause])
    return _rows(warehouse, "raw_xero.invoices")


def _dlt(url: str, folder: Path) -> int:
    import dlt
    from dlt.sources.rest_api import rest_api_source

    source = rest_api_source(
        {
            "client": {
                "base_url": url,
                "paginator": {
                    "type": "page_number",
                    "base_page": 1,
                    "total_path": "pagination.pageCount",
                },
            },
            "resources": [
                {
                    "name": "invoices",
                    "primary_key": "InvoiceID",
                    "max_table_nesting": 0,
                    "write_disposition": "append",
                    "endpoint": {
                        "path": "Invoices",
                        "params": {"pageSize": PAGE_SIZE},
                        "data_selector": "Invoices",
                    },
                }
            ],
        }
    )
    warehouse = folder / "peer.duckdb"
    peer = dlt.pipeline(
        "raw_rest_peer",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(warehouse)),
        dataset_name="raw_peer",
    )
    peer.run(source, loader_file_format="parquet")
    return _rows(warehouse, "raw_peer.invoices")


def _floor(url: str, folder: Path) -> int:
    pages = folder / "pages"
    pages.mkdir()
    with httpx.Client() as client:
        number, count = 1, 1
        while number <= count:
            query = {"page": number, "pageSize": PAGE_SIZE}
            body = client.get(f"{url}/Invoices", params=query).content
            if number == 1:
                count = int(body.partition(b'"pageCount":')[2].partition(b",")[0])
            (pages / f"{number:06d}.json").write_bytes(body)
            number += 1
    warehouse = folder / "floor.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(_FLOOR.format(folder=pages))
    return _rows(warehouse, "invoices")


def _rows(warehouse: Path, table: str) -> int:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ((count,),) = connection.execute(f"select count(*) from {table}").fetchall()
    return int(count)


def _prepare() -> None:
    """Keep imports out of the times, and warnings off the terminal."""
    for name in ("pandas", "dlt.sources.rest_api"):
        importlib.import_module(name)
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
