"""A small web server under the tests' control, and a Xero organisation served by it."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from ingestion import pipeline
from ingestion.connection import Connection
from ingestion.reports import SyncReport
from ingestion.tables import open_warehouse

NOW = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)


@dataclass
class Request:
    """What the server was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """What it answers; ``cut`` closes the line before the announced length is sent."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass
class Server:
    """Answers by ``answer`` and remembers what it was asked; ``faults`` come first, once each."""

    answer: Callable[[Request], Reply]
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    faults: list[tuple[str, Reply]] = field(default_factory=list)

    def handle(self, request: Request) -> Reply:
        """Answer one request, remembering it."""
        self.requests.append(request)
        for fault in self.faults:
            if fault[0] in request.path:
                self.faults.remove(fault)
                return fault[1]
        return self.answer(request)

    def asked(self, part: str) -> list[Request]:
        """Return the requests whose path holds ``part``."""
        return [one for one in self.requests if part in one.path]


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", 0))
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            headers = {key.lower(): value for key, value in self.headers.items()}
            body = self.rfile.read(length)
            reply = server.handle(Request(self.command, parts.path, query, headers, body))
            self.send_response(reply.status)
            for key, value in reply.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])
            self.close_connection = reply.cut is not None

        do_GET = do_POST = _serve  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[Request], Reply]], Server]]:
    """Start servers on free ports of the loopback; all stop with the test."""
    running: list[ThreadingHTTPServer] = []

    def start(answer: Callable[[Request], Reply]) -> Server:
        server = Server(answer)
        httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
        httpd.daemon_threads = True
        threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}).start()
        running.append(httpd)
        server.url = f"http://127.0.0.1:{httpd.server_address[1]}"
        return server

    yield start
    for httpd in running:
        httpd.shutdown()
        httpd.server_close()


def stamp(at: datetime) -> str:
    return f"/Date({int(at.timestamp() * 1000)}+0000)/"


@dataclass
class Organisation:
    """A Xero organisation whose records the tests change; amounts are written as given."""

    lists: dict[str, dict[str, str]] = field(default_factory=dict)
    stamps: dict[str, datetime] = field(default_factory=dict)
    token: str = "t-1"
    refresh_token: str | None = None
    expires_in: int = 1800

    def __post_init__(self) -> None:
        for plural in ("Contacts", "Invoices", "CreditNotes", "Payments", "PurchaseOrders"):
            self.lists.setdefault(plural, {})

    def put(self, plural: str, record_id: str, text: str, at: datetime) -> None:
        """Write a record as it is."""
        self.lists[plural][record_id] = text
        self.stamps[record_id] = at

    def invoice(self, number: int, total: str = "100.00", at: datetime = NOW, **fields: Any) -> str:
        """Write a sales invoice and return its id."""
        record_id = f"inv-{number:05d}"
        facts = {
            "InvoiceID": record_id,
            "Type": "ACCREC",
            "InvoiceNumber": f"INV-{number}",
            "Status": "AUTHORISED",
            "Contact": {"ContactID": "c-1", "Name": "Acme"},
            "Date": stamp(at - timedelta(days=10)),
            "CurrencyCode": "EUR",
            "UpdatedDateUTC": stamp(at),
            **fields,
        }
        numbers = f'"Total": {total}, "TotalTax": 0.00, "AmountDue": {total}, "AmountPaid": 0}}'
        self.put("Invoices", record_id, f"{json.dumps(facts)[:-1]}, {numbers}", at)
        return record_id

    def remove(self, plural: str, record_id: str) -> str:
        """Take a record away for good."""
        return self.lists[plural].pop(record_id)

    def answer(self, request: Request) -> Reply:
        """Answer as the organisation would."""
        if request.path.endswith("/connect/token"):
            return self._grant(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(401, b'{"Title":"Unauthorized","Status":401}')
        name = request.path.rsplit("/", 1)[1]
        if name == "Organisation":
            body = '{"Organisations":[{"OrganisationID":"org-1","Name":"S","BaseCurrency":"EUR"}]}'
            return Reply(body=body.encode())
        return self._page(name, request)

    def _grant(self, request: Request) -> Reply:
        basic = "Basic " + base64.b64encode(b"id-1:geheim-1").decode()
        if request.headers.get("authorization") != basic:
            return Reply(401, b'{"error":"invalid_client"}')
        grant: dict[str, Any] = {"access_token": self.token, "expires_in": self.expires_in}
        if self.refresh_token is not None:
            if f"refresh_token={self.refresh_token}" not in request.body.decode():
                return Reply(400, b'{"error":"invalid_grant"}')
            self.refresh_token += "x"
            grant["refresh_token"] = self.refresh_token
        return Reply(body=json.dumps(grant).encode())

    def _page(self, plural: str, request: Request) -> Reply:
        since = request.headers.get("if-modified-since")
        after = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else None
        found = sorted(
            (key for key in self.lists[plural] if after is None or self.stamps[key] >= after),
            key=lambda key: (self.stamps[key], key),
        )
        size, page = int(request.query["pageSize"]), int(request.query["page"])
        shown = [self.lists[plural][key] for key in found[(page - 1) * size : page * size]]
        count = -(-len(found) // size)
        paging = {"page": page, "pageSize": size, "pageCount": count, "itemCount": len(found)}
        body = f'{{"pagination": {json.dumps(paging)}, "{plural}": [{", ".join(shown)}]}}'
        return Reply(body=body.encode())


@pytest.fixture
def organisation() -> Organisation:
    return Organisation()


@pytest.fixture
def xero(serve: Callable[..., Server], organisation: Organisation) -> Server:
    return serve(organisation.answer)


@pytest.fixture
def connection(xero: Server) -> Connection:
    return Connection(
        tenant_id="alder",
        connection_id="seller-1",
        system="xero",
        base_url=xero.url,
        token_url=f"{xero.url}/connect/token",
        credentials={"client_id": SecretStr("id-1"), "client_secret": SecretStr("geheim-1")},
        options={
            "page_size": 10,
            "backoff_seconds": 0.01,
            "attempts": 3,
            "requests_per_minute": 6000,
        },
    )


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def reply() -> type[Reply]:
    """What faults of a ``Server`` are made of."""
    return Reply


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Where this test's warehouse will be."""
    return tmp_path / "var" / "warehouse" / "ifp.duckdb"


@pytest.fixture
def rows(warehouse: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """Ask this test's warehouse."""

    def ask(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with open_warehouse(warehouse) as session:
            return session.execute(sql, parameters)

    return ask


@pytest.fixture
def sync(connection: Connection, warehouse: Path, tmp_path: Path) -> Callable[..., SyncReport]:
    """Sync this test's connection, or others, ``hours`` after the first time."""

    def run(*connections: Connection, hours: float = 0, **options: Any) -> SyncReport:
        return pipeline.sync(
            connections or [connection],
            warehouse=warehouse,
            var=tmp_path / "var",
            now=NOW + timedelta(hours=hours),
            **options,
        )

    return run


@pytest.fixture(scope="session")
def world_connections() -> Callable[..., list[Connection]]:
    """Make the connections of a sandbox's world: every organisation, and bank and bureau once."""

    def make(sandbox: Any, *systems: str, **options: Any) -> list[Connection]:
        world = sandbox.get("/admin/world").json()
        paths = {"xero": "/connect/token", "bank": "/oauth2/token", "dnb": "/v3/token"}
        asked = {"backoff_seconds": 0.01, "timeout_seconds": 2, "attempts": 4, **options}

        def one(system: str, connection_id: str, **more: Any) -> Connection:
            base_url = f"{sandbox.base_url}/{system}"
            secrets = world["credentials"][system]
            return Connection(
                tenant_id="alder",
                connection_id=connection_id,
                system=system,
                base_url=base_url,
                token_url=base_url + paths[system],
                credentials={name: SecretStr(str(value)) for name, value in secrets.items()},
                options={**asked, **more},
            )

        made = [
            one("xero", f"xero-{org['seller_number']}", xero_tenant_id=org["xero_tenant_id"])
            for org in world["organisations"]
            if "xero" in systems
        ]
        return made + [one(name, name) for name in ("bank", "dnb") if name in systems]

    return make
