"""Writes rounds of decisions and dies where it is told to; run by the crash tests.

    crashing_writer.py KEYS URL ROUNDS POINT

Rounds that are in the ledger already are not written again. With a POINT it kills itself there in
the round after ROUNDS.
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from ledger.entry import Actor, Entry
from ledger.keys import Keyring
from ledger.reservations import Limit, Reservation
from ledger.store import Ledger

LIMITS = (Limit("seller", "s1", 10**12), Limit("debtor", "d1", 10**12))


def main() -> None:
    """Write until the rounds are done or the point is reached."""
    keys, url, rounds, point = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    with Ledger.open(url, keys=Keyring.load(keys)) as ledger:
        start = len(ledger.projection("decisions"))
        for number in range(start, rounds + (point != "none")):
            write(ledger, number, point if number == rounds else "none")
            sys.stdout.write(json.dumps({"committed": number + 1}) + "\n")
            sys.stdout.flush()


def write(ledger: Ledger, number: int, point: str) -> None:
    """Write one round; odd rounds release what the round before them reserved."""

    def reached(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    reached("before")
    with ledger.transaction() as tx:
        reached("begun")
        body = {"decision_id": f"d{number}", "round": number}
        tx.append(
            Entry(
                "decision",
                "alder",
                datetime(2026, 6, 30, tzinfo=UTC),
                Actor("system", "worker"),
                (f"r{number}",),
                body,
                private=b"a name",
                subject_key_id=f"p{number}",
            )
        )
        reached("appended")
        if number % 2 == 0:
            tx.reserve(
                Reservation("alder", f"f{number}", (f"n{number}",), f"r{number}", 7, "EUR", LIMITS)
            )
        reached("reserved")
        tx.enqueue("bank.submit", "alder", f"k{number}", {"round": number})
        reached("enqueued")
        if number % 2:
            tx.release(f"r{number - 1}", keep_fingerprint=True)
        reached("released")
        reached("before_commit")
    reached("after_commit")


if __name__ == "__main__":
    main()
