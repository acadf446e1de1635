"""Refuses every name look-up and connection that leaves this machine.

The platform must behave the same with no network but loopback. Python loads this module at start
when its folder is on `PYTHONPATH`; `tests/conftest.py` puts it there, so that the processes a test
starts are guarded like the test itself. What was refused is also written to the file named by
`IFP_LOOKUPS_LOG`, since a library may swallow the refusal.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from pathlib import Path

WATCHED = {
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyaddr",
    "socket.gethostbyname",
    "socket.sendto",
}


class OutsideLookupError(OSError):
    """Raised where a look-up or connection would leave this machine."""


def is_loopback(host: object) -> bool:
    """Say whether `host` stays on this machine."""
    if isinstance(host, bytes):
        host = host.decode()
    if not isinstance(host, str) or host in {"", "localhost", socket.gethostname()}:
        return True
    try:
        address = ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def guard(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse the watched event when its host is not on this machine."""
    if event not in WATCHED:
        return
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    else:
        host = arguments[0]
    if is_loopback(host):
        return
    message = f"{event} {host!s} by {Path(sys.argv[0]).name if sys.argv else 'python'}"
    log = os.environ.get("IFP_LOOKUPS_LOG")
    if log:
        with Path(log).open("a", encoding="utf-8") as lines:
            lines.write(message + "\n")
    raise OutsideLookupError(message)


sys.addaudithook(guard)
