"""What a seller buys itself: suppliers and their bills, which stand among its sales invoices."""

from __future__ import annotations

import dataclasses
from random import Random

from apps.sandbox.world.billing import issue, relation_between
from apps.sandbox.world.bookkeeping import Bookkeeper
from apps.sandbox.world.days import HOUR_MS, day_ms, next_working_day
from apps.sandbox.world.ledgers import SUPPLIER, Payment, Relation
from apps.sandbox.world.parameters import WorldParameters
from apps.sandbox.world.parties import Debtor, Seller, uuid_from
from apps.sandbox.world.settlement import AUTHORISED, PAID, Event, Life

_SUPPLIERS = 3
_BILLS_PER_INVOICE = 0.04


class Purchases:
    """Enters bills of a few suppliers; they are paid on time from an account of the seller's own.

    A supplier's bill number is whatever the supplier printed, so numbers repeat between suppliers.
    """

    def __init__(
        self,
        rng: Random,
        parameters: WorldParameters,
        seller: Seller,
        companies: list[Debtor],
    ) -> None:
        self._rng = rng
        chosen = rng.sample(companies, min(_SUPPLIERS, len(companies)))
        self._suppliers = [
            _supplier(relation_between(rng, parameters, seller, company, 8000 + place), parameters)
            for place, company in enumerate(chosen, 1)
        ]
        self._bills = 0

    def open(self, keeper: Bookkeeper) -> None:
        """Write the suppliers as contacts."""
        for supplier in self._suppliers:
            keeper.contact(supplier, supplier.starts_on)

    def maybe_bill(self, keeper: Bookkeeper, day: int) -> None:
        """Enter a bill for about every twenty-fifth sales invoice."""
        rng = self._rng
        if rng.random() >= _BILLS_PER_INVOICE:
            return
        supplier = rng.choice(self._suppliers)
        self._bills += 1
        bill = issue(
            rng,
            supplier,
            day,
            f"{1000 + self._bills // _SUPPLIERS}",
            max(500, round(supplier.median_minor * rng.uniform(0.05, 0.4))),
            reference="",
            habit=SUPPLIER,
        )
        paid_on = next_working_day(bill.due_day - rng.randrange(4))
        posted = day_ms(paid_on) + 15 * HOUR_MS
        payment = Payment(uuid_from(rng), paid_on, posted, bill.gross)
        events = [Event(bill.created_ms, AUTHORISED), Event(posted, PAID, payment=payment)]
        keeper.invoice(bill, Life(events))


def _supplier(relation: Relation, parameters: WorldParameters) -> Relation:
    return dataclasses.replace(
        relation,
        habit=SUPPLIER,
        merged_on=0,
        starts_on=parameters.first_day - 30,
        currency=relation.seller.country.currency,
        recent=relation.recent.copy(),
    )
