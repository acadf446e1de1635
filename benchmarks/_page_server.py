"""Serves prebuilt pages of a ledger's API over loopback, in a process of its own.

`python -m benchmarks._page_server RECORDS PAGE_SIZE` prints its address when every page stands in
memory, as bytes; answering one is a look-up and a write. There is no logic of the sandbox in it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

_FIRST = datetime(2024, 1, 1, tzinfo=UTC)
_EMPTY = ("Organisation", "Contacts", "CreditNotes", "Payments", "PurchaseOrders")
_PAGE = re.compile(rb"[?&]page=(\d+)")


def invoice(number: int) -> str:
    """Write one sales invoice as the ledger's API would, with two lines: about 1.3 KB."""
    at = int((_FIRST + timedelta(minutes=number)).timestamp() * 1000)
    issued = at - at % 86_400_000
    net = 10_000 + number % 900_000
    total = f"{net // 100}.{net % 100:02d}"
    lines = [
        {
            "LineItemID": str(UUID(int=number * 4 + line)),
            "Description": f"Pallets of packed goods, delivery {number}-{line}",
            "Quantity": 1.0,
            "UnitAmount": net / 200,
            "TaxType": "OUTPUT",
            "TaxAmount": 0.0,
            "LineAmount": net / 200,
            "AccountCode": "200",
            "Tracking": [],
        }
        for line in range(2)
    ]
    fields = {
        "Type": "ACCREC",
        "InvoiceID": str(UUID(int=number)),
        "InvoiceNumber": f"INV-{number:07d}",
        "Reference": f"PO-{number % 9973:05d}",
        "Payments": [],
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "IsDiscounted": False,
        "HasAttachments": False,
        "Contact": {
            "ContactID": str(UUID(int=number % 2000)),
            "Name": f"Customer {number % 2000} Ltd",
            "ContactGroups": [],
            "ContactPersons": [],
        },
        "DateString": "2024-01-01T00:00:00",
        "Date": f"/Date({issued}+0000)/",
        "DueDate": f"/Date({issued + 30 * 86_400_000}+0000)/",
        "Status": "AUTHORISED",
        "LineAmountTypes": "Exclusive",
        "LineItems": lines,
        "UpdatedDateUTC": f"/Date({at}+0000)/",
        "CurrencyCode": "EUR",
    }
    amounts = f'"SubTotal":{total},"TotalTax":0.00,"Total":{total},"AmountDue":{total}'
    paid = '"AmountPaid":0.00,"AmountCredited":0.00'
    return f"{json.dumps(fields, separators=(',', ':'))[:-1]},{amounts},{paid}}}"


def pages(records: int, size: int) -> list[bytes]:
    """Write every page of the listing."""
    count = -(-records // size)
    return [
        (
            f'{{"Status":"OK","pagination":{{"page":{page + 1},"pageSize":{size},'
            f'"pageCount":{count},"itemCount":{records}}},"Invoices":['
            + ",".join(
                invoice(number) for number in range(page * size, min((page + 1) * size, records))
            )
            + "]}"
        ).encode()
        for page in range(count)
    ]


def answers(records: int, size: int) -> dict[bytes, bytes]:
    """Give the whole answers, head and body, by the request's page."""
    return {
        str(number).encode(): _whole(body) for number, body in enumerate(pages(records, size), 1)
    }


def _whole(body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _handler(prebuilt: dict[bytes, bytes]) -> type[BaseHTTPRequestHandler]:
    token = _whole(b'{"access_token":"t","expires_in":86400}')
    empty = {
        name: _whole(
            b'{"pagination":{"page":1,"pageCount":1,"itemCount":0},"%b":[]}'
            % name.replace("Organisation", "Organisations").encode()
        )
        for name in _EMPTY
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            name = self.path.partition("?")[0].rpartition("/")[2]
            if name in empty:
                self.wfile.write(empty[name])
                return
            found = _PAGE.search(self.path.encode())
            self.wfile.write(prebuilt[found[1]] if found else empty["Contacts"])

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.wfile.write(token)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def serving(records: int, size: int) -> Iterator[str]:
    """Run the server for the block and give its address."""
    command = [sys.executable, "-m", "benchmarks._page_server", str(records), str(size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.kill()


def main() -> None:
    """Build the pages, print the address, serve until killed."""
    records, size = (int(text) for text in sys.argv[1:3])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answers(records, size)))
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
