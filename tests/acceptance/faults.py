"""The fault matrix: every fault on every kind of call, drawn pairs, and a run in a storm.

Each cell is a sync or an approval under the fault, then one without, held against an undisturbed
world and the counterparts' own records (`tests/journeys/fault_*`). The storm is the public command
under faults everywhere, run again without: its marts and payments must be those of a quiet run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx
import structlog
from crashes import different_marts, payment_orders, sandbox
from measurement import SMALL_WORLD, Measurement, ifp, sample

from tests.journeys import fault_table
from tests.journeys.fault_calls import Calls
from tests.journeys.fault_sources import WORLD, Sources
from tests.journeys.fault_table import ACT, READ, Lane, Trouble

LINE = 12
SEED = 20261123
READING, ACTING = 27, 20
READING_PAIRS, ACTING_PAIRS = 9, 8
"""How many are drawn where not all are tried; pairs always are drawn, all have four times these."""

STORM = (
    {"counterpart": "xero", "fault": "500", "times": 2, "path": "/Invoices"},
    {"counterpart": "xero", "fault": "truncated", "times": 1, "path": "/Payments"},
    {"counterpart": "xero", "fault": "403", "times": 1, "after": 9},
    {"counterpart": "dnb", "fault": "malformed", "times": 9, "path": "data/duns"},
    {"counterpart": "dnb", "fault": "renamed_field", "times": 2, "path": "data/duns", "after": 3},
    {"counterpart": "bank", "fault": "500", "times": 1, "path": "transactions"},
    {"counterpart": "bank", "fault": "truncated", "times": 2, "path": "credit-decisions"},
    {"counterpart": "bank", "fault": "malformed", "times": 2, "path": "payment-orders$"},
    {"counterpart": "bank", "fault": "429", "times": 2, "path": "payment-orders/"},
    {"counterpart": "bank", "fault": "expired_token", "times": 1, "path": "account-verif"},
    {"counterpart": "smtp", "fault": "429", "times": 2},
)


def trials(scratch: Path, *, every_form: bool = False) -> list[Measurement]:
    """Try the matrix and the storm.

    Args:
        scratch: An empty folder.
        every_form: Each fault once and for good and with every renamed field, instead of one
            drawn form of some.
    """
    _silence()
    with sandbox(scratch, **{name: str(size) for name, size in WORLD.items()}) as url:
        reading, acting = _groups(url, scratch, every_form=every_form)
    every = len(fault_table.singles())
    tried = every if every_form else READING + ACTING
    of = sample(LINE, "faults alone, in each of their forms,", tried, every)
    return [*reading, *acting, *_storm(scratch), of]


def _groups(
    url: str, scratch: Path, *, every_form: bool
) -> tuple[list[Measurement], list[Measurement]]:
    def cells(lanes: tuple[Lane, ...], most: int) -> list[tuple[Trouble, ...]]:
        every = fault_table.singles(lanes)
        if every_form:
            return every
        return fault_table.drawn(fault_table.one_each(every, SEED), most, SEED)

    wider = 4 if every_form else 1

    sources = Sources(url, scratch / "reading")
    sources.prepare()
    same = [
        pair
        for system in ("xero", "dnb", "bank")
        for pair in fault_table.pairs(
            tuple(lane for lane in READ if lane.counterpart == system),
            READING_PAIRS * wider // 3,
            SEED,
        )
    ]
    reading = list(_tried(sources.try_out, cells(READ, READING), "reading, one fault"))
    reading += _tried(sources.try_out, same, f"reading, pairs (seed {SEED})")
    calls = Calls(url, scratch / "acting", scratch / "sandbox" / "world.sqlite")
    acting = list(_tried(calls.try_out, cells(ACT, ACTING), "acting, one fault"))
    pairs = fault_table.pairs(ACT, ACTING_PAIRS * wider, SEED)
    acting += _tried(calls.try_out, pairs, f"acting, pairs (seed {SEED})")
    return reading, acting


def _tried(
    attempt: Callable[[Sequence[Trouble]], list[str]],
    cells: Sequence[Sequence[Trouble]],
    what: str,
) -> Iterator[Measurement]:
    """Give one row for the cells that hold and one for each that does not."""
    fallen = []
    for cell in cells:
        try:
            wrong = attempt(cell)
        except Exception as error:
            wrong = [f"the trial itself: {error!r}"]
        if wrong:
            name = " + ".join(map(str, cell))
            fallen.append(Measurement(LINE, name, "as undisturbed", "; ".join(wrong)[:240], False))
    measured = f"{len(cells) - len(fallen)} of {len(cells)} cells"
    yield Measurement(LINE, f"faults: {what}", "healed, once", measured, not fallen)
    yield from fallen


def _storm(scratch: Path) -> list[Measurement]:
    """Run the public command under faults everywhere, then again, beside a quiet run."""
    quiet, var = scratch / "quiet", scratch / "storm"
    with sandbox(quiet) as url:
        calm = ifp("run", "--json", var=quiet, environment={**SMALL_WORLD, "IFP_SANDBOX_URL": url})
        orders = payment_orders(url)
    with sandbox(var) as url:
        world = {**SMALL_WORLD, "IFP_SANDBOX_URL": url}
        for fault in STORM:
            httpx.post(f"{url}/admin/faults", json=fault, trust_env=False).raise_for_status()
        first = ifp("run", "--json", var=var, environment=world)
        httpx.delete(f"{url}/admin/faults", trust_env=False).raise_for_status()
        again = ifp("run", "--json", var=var, environment=world)
        paid = payment_orders(url)
    causes = first.json().get("syncs", {}).get("causes", [])
    faults = [f"quiet: {calm.last_words}"] if calm.code else []
    faults += [f"again: {again.last_words}"] if again.code else []
    faults += ["payments differ"] if paid != orders else []
    faults += [] if faults else different_marts(quiet, var)
    return [
        Measurement(
            LINE,
            "ifp run in a storm",
            "ends by itself; what failed is named with its cause",
            f"exit {first.code}, {len(causes)} causes",
            first.code in {0, 1} and bool(causes) and all(one["cause"] for one in causes),
        ),
        Measurement(
            LINE,
            "ifp run after the storm",
            "the marts and payments of a quiet run",
            "; ".join(faults)[:240] or f"equal; {orders.total()} payments",
            not faults,
        ),
    ]


def _silence() -> None:
    """Keep the warnings of hundreds of expected failures off the terminal."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
