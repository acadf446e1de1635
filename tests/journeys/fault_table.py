"""Every fault of the sandbox on every counterpart: what it means there, or why it cannot happen.

A *lane* is one kind of call to a counterpart. A fault strikes a lane once (a passing trouble: the
call is made again and nobody notices) or for as long as it is switched on (a lasting one: the sync
or the task says what is wrong, and the next sync or drain heals it).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import chain, combinations, zip_longest
from typing import Any

STATUSES = ("401", "403", "429", "500")
LOST = ("hang", "truncated", "malformed")
SHAPES = ("renamed_field", "duplicate", "out_of_order")
ALL = ("expired_token", *STATUSES, *LOST, "slow", *SHAPES)
LASTING = 999

NOT_A_LIST = "the answer holds no list whose records could be doubled or turned round"
NO_TOKEN_YET = "nobody holds a token while one is fetched"
ONE_REPLY = "a mail server answers with one line: nothing in it can be renamed or turned round"
WE_ANSWER = "here the bank calls and we answer: the status, the time and the shape are ours"


@dataclass(frozen=True)
class Lane:
    """One kind of call.

    Attributes:
        name: What people call it.
        counterpart: Whose fault is switched on.
        path: The part of a path that only these calls have.
        fields: Fields that `renamed_field` renames; an empty one means the sandbox's usual one.
        senseless: Faults that cannot happen here, with the reason.
        calls: How many of them an undisturbed trial makes at least.
    """

    name: str
    counterpart: str
    path: str = ""
    fields: tuple[str, ...] = ("",)
    senseless: dict[str, str] = field(default_factory=dict, compare=False)
    calls: int = 1


def _without(reason: str, *faults: str) -> dict[str, str]:
    return dict.fromkeys(faults, reason)


_TOKEN = {
    **_without(NO_TOKEN_YET, "expired_token"),
    **_without(NOT_A_LIST, "duplicate", "out_of_order"),
}
READ = (
    Lane("xero", "xero", "/api.xro", ("", "Invoices", "InvoiceID", "UpdatedDateUTC"), calls=12),
    Lane("xero token", "xero", "connect/token", ("access_token",), _TOKEN),
    Lane("dnb match", "dnb", "cleanseMatch", ("", "matchGrade", "matchCandidates"), calls=8),
    Lane("dnb report", "dnb", "data/duns", ("", "nationalPercentile", "blockStatus"), calls=4),
    Lane("dnb token", "dnb", "v3/token", ("access_token",), _TOKEN),
    Lane("bank accounts", "bank", "v1/accounts$", ("id", "next_cursor")),
    Lane("bank balances", "bank", "balances", ("amount_minor",), calls=3),
    Lane(
        "bank transactions",
        "bank",
        "transactions",
        ("amount_minor", "data", "next_cursor"),
        calls=3,
    ),
    Lane("bank token", "bank", "oauth2/token", ("access_token",), _TOKEN),
)
_ANSWER = _without(NOT_A_LIST, "duplicate", "out_of_order")
ACT = (
    Lane("verification", "bank", "account-verifications", ("result",), _ANSWER),
    Lane("credit decision", "bank", "credit-decisions", ("status", "id"), _ANSWER),
    Lane("payment order", "bank", "v1/payment-orders$", ("status", "id", "data")),
    Lane("payment status", "bank", "payment-orders/", ("status",), _ANSWER),
    Lane("sign-in", "bank", "oauth2/token", ("access_token",), _TOKEN),
    Lane("smtp", "smtp", "", (), _without(ONE_REPLY, "renamed_field", "out_of_order")),
    Lane(
        "webhook",
        "webhook",
        "/deliver",
        (),
        _without(
            WE_ANSWER, "expired_token", *STATUSES, "hang", "slow", "truncated", "renamed_field"
        ),
    ),
)
LANES = READ + ACT


@dataclass(frozen=True)
class Trouble:
    """One fault switched on, on one lane.

    Attributes:
        times: How many calls it strikes; ``LASTING`` for all of them.
        after: How many calls pass before.
        more: Further fields of the sandbox's fault.
    """

    lane: Lane
    fault: str
    times: int = 1
    after: int = 0
    more: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        how = "for good" if self.times == LASTING else "once"
        details = "".join(f" {key}={value}" for key, value in self.more if key == "field" and value)
        return f"{self.lane.name} {self.fault}{details} {how}"

    def body(self) -> dict[str, Any]:
        """Give the fault as the sandbox takes it."""
        path = self.lane.path
        return {
            "counterpart": self.lane.counterpart,
            "fault": self.fault,
            "times": self.times,
            "after": self.after,
            **({"path": path} if path else {}),
            **dict(self.more),
        }


def singles(lanes: tuple[Lane, ...] = LANES) -> list[tuple[Trouble, ...]]:
    """Give every fault that makes sense alone, once and for good."""
    return [
        (trouble,)
        for lane in lanes
        for fault in ALL
        if fault not in lane.senseless
        for trouble in _forms(lane, fault)
    ]


def one_each(cells: list[tuple[Trouble, ...]], seed: int) -> list[tuple[Trouble, ...]]:
    """Draw one form of every fault on every lane: once or for good, one renamed field."""
    forms: dict[tuple[str, str], list[tuple[Trouble, ...]]] = {}
    for cell in cells:
        forms.setdefault((cell[0].lane.name, cell[0].fault), []).append(cell)
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    return [chance.choice(drawn) for drawn in forms.values()]


def drawn(cells: list[tuple[Trouble, ...]], most: int, seed: int) -> list[tuple[Trouble, ...]]:
    """Draw so many, each lane's in turn, so that none is left out."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    lanes: dict[str, list[tuple[Trouble, ...]]] = {}
    for cell in chance.sample(cells, len(cells)):
        lanes.setdefault(cell[0].lane.name, []).append(cell)
    turns = chain.from_iterable(zip_longest(*lanes.values()))
    return [cell for cell in turns if cell is not None][:most]


def pairs(
    lanes: tuple[Lane, ...], count: int, seed: int, lasting: float = 0.3
) -> list[tuple[Trouble, ...]]:
    """Draw pairs of faults on lanes that one sync or one drain meets both."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    drawn = []
    both = list(combinations(lanes, 2)) + [(lane, lane) for lane in lanes]
    while len(drawn) < count:
        pair = tuple(_drawn(lane, chance, lasting) for lane in chance.choice(both))
        drawn.append(pair)
    return drawn


def _drawn(lane: Lane, chance: random.Random, lasting: float) -> Trouble:
    fault = chance.choice([name for name in ALL if name not in lane.senseless])
    forms = _forms(lane, fault)
    form = chance.choice(forms[1:] if len(forms) > 1 and chance.random() < lasting else forms[:1])
    after = 0 if form.times == LASTING else chance.randrange(min(lane.calls, 3))
    return Trouble(lane, fault, form.times, after, form.more)


def _forms(lane: Lane, fault: str) -> list[Trouble]:
    if fault == "renamed_field":
        named = [(("field", name),) for name in lane.fields]
        return [Trouble(lane, fault, LASTING, more=more) for more in named]
    if fault == "slow":
        return [Trouble(lane, fault, more=(("seconds", 0.2),))]
    if fault == "hang":
        return [Trouble(lane, fault, times, more=(("seconds", 5),)) for times in (1, LASTING)]
    return [Trouble(lane, fault, times) for times in (1, LASTING)]
