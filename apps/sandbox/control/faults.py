"""Faults that tests switch on: which request of which counterpart goes wrong, and how.

A fault waits for `after` matching requests, strikes `times` times and is then spent.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass
from typing import Any

COUNTERPARTS = ("xero", "dnb", "bank", "smtp", "webhook")
STATUS_KINDS = {"401": 401, "403": 403, "429": 429, "500": 500}
BODY_KINDS = ("truncated", "malformed", "renamed_field", "duplicate", "out_of_order")
KINDS = ("expired_token", *STATUS_KINDS, "hang", "slow", *BODY_KINDS)


class UnknownFault(ValueError):
    """Somebody asked for a fault or counterpart the sandbox does not have."""


@dataclass
class Fault:
    """One switched-on fault.

    Attributes:
        times: How many requests it still hits.
        after: How many matching requests pass before it strikes.
        path: Part of the path a request must contain, its end when the part ends in ``$``; empty
            matches all but token calls.
        seconds: Delay of `slow`, longest wait of `hang`.
        field: Field that `renamed_field` renames; empty means the counterpart's usual one.
        retry_after: Seconds promised by a 429.
    """

    fault_id: int
    counterpart: str
    fault: str
    times: int = 1
    after: int = 0
    path: str = ""
    seconds: float = 0.0
    field: str = ""
    retry_after: int = 1
    struck: int = 0

    def matches(self, counterpart: str, path: str) -> bool:
        """Tell whether a request is one this fault counts."""
        if counterpart != self.counterpart or self.times <= 0:
            return False
        if self.path.endswith("$"):
            return path.endswith(self.path.removesuffix("$"))
        return self.path in path if self.path else not path.endswith("token")


class Faults:
    """The faults switched on now, in the order they were given."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, request: dict[str, Any]) -> Fault:
        """Switch a fault on.

        Raises:
            UnknownFault: The counterpart or the kind does not exist.
        """
        counterpart, kind = str(request.get("counterpart")), str(request.get("fault"))
        if counterpart not in COUNTERPARTS:
            raise UnknownFault(f"counterpart {counterpart!r} is none of {', '.join(COUNTERPARTS)}")
        if kind not in KINDS:
            raise UnknownFault(f"fault {kind!r} is none of {', '.join(KINDS)}")
        fault = Fault(
            fault_id=next(self._ids),
            counterpart=counterpart,
            fault=kind,
            times=int(request.get("times") or 1),
            after=int(request.get("after") or 0),
            path=str(request.get("path") or ""),
            seconds=float(request.get("seconds") or (300 if kind == "hang" else 2)),
            field=str(request.get("field") or ""),
            retry_after=int(request.get("retry_after", 1)),
        )
        self._faults.append(fault)
        return fault

    def strike(self, counterpart: str, path: str) -> Fault | None:
        """Count a request and return the fault that hits it, if any."""
        for fault in self._faults:
            if not fault.matches(counterpart, path):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            fault.struck += 1
            return fault
        return None

    def listing(self) -> list[dict[str, Any]]:
        """Return all faults, spent ones included."""
        return [asdict(fault) for fault in self._faults]

    def clear(self) -> int:
        """Switch everything off; return how many faults there were."""
        count = len(self._faults)
        self._faults.clear()
        return count
