"""One seller's trade from the first day to the last: what it bills, to whom, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from apps.sandbox.storage.writer import WorldWriter
from apps.sandbox.world.billing import (
    draw_net,
    issue,
    order_for,
    relation_between,
    typed_reference,
)
from apps.sandbox.world.days import day_iso, next_working_day
from apps.sandbox.world.desk import Desk
from apps.sandbox.world.ledgers import (
    BLANKET,
    LIST_PRICE,
    ORDINARY,
    RECURRING,
    Invoice,
    PurchaseOrder,
    Relation,
)
from apps.sandbox.world.parameters import WorldParameters
from apps.sandbox.world.parties import Debtor, Seller, choose_debtors, stream
from apps.sandbox.world.planting import Planter
from apps.sandbox.world.purchases import Purchases

_SEASON = {1: 0.92, 2: 0.95, 3: 1.05, 7: 0.98, 8: 0.82, 9: 1.05, 10: 1.08, 11: 1.12, 12: 0.96}


def daily_counts(
    seller: Seller, parameters: WorldParameters, invoices: int
) -> Iterator[tuple[int, int]]:
    """Yield (day, invoices) so that exactly `invoices` are issued until as-of, then go on."""
    first, as_of = parameters.first_day, parameters.as_of_day
    whole = sum(_activity(seller, first, day) for day in range(first, as_of + 1))
    reached, given = 0.0, 0
    for day in range(first, parameters.last_day + 1):
        reached += _activity(seller, first, day)
        wanted = round(invoices * reached / whole)
        yield day, wanted - given
        given = wanted


class SellerBooks:
    """Simulates one seller; `run` writes everything and keeps only what is still unpaid."""

    def __init__(
        self,
        writer: WorldWriter,
        parameters: WorldParameters,
        seller: Seller,
        debtors: list[Debtor],
    ) -> None:
        rng = self._rng = stream(parameters, f"books/{seller.number}")
        self._parameters = parameters
        self._desk = Desk(rng, writer, parameters, seller)
        chosen = choose_debtors(rng, parameters, seller, debtors)
        self._relations = [
            relation_between(rng, parameters, seller, debtor, place)
            for place, debtor in enumerate(chosen, 1)
        ]
        self._recurring = [r for r in self._relations if r.habit == RECURRING]
        self._weights = _cumulative(self._relations)
        self._purchases = Purchases(rng, parameters, seller, debtors)
        self._planter = Planter(self._desk, parameters)

    def run(self, invoices: int) -> list[Debtor]:
        """Trade through all days; return debtors the seller invented."""
        keeper = self._desk.keeper
        for relation in self._relations:
            self._set_archive_day(relation)
            keeper.contact(relation, self._parameters.first_day - 30)
        self._purchases.open(keeper)
        for day, count in daily_counts(self._desk.seller, self._parameters, invoices):
            self._desk.money.run_until(day - 1)
            for _ in range(count - self._bill_recurring(day, count)):
                self._bill_one(day)
                self._purchases.maybe_bill(keeper, day)
            if invoices:
                self._planter.bill_invented(day)
        self._desk.money.run_until(self._parameters.last_day)
        return self._planter.invented

    def _bill_recurring(self, day: int, room: int) -> int:
        billed = 0
        for relation in self._recurring:
            if billed >= room or relation.recurring_next > day or not _trades(relation, day):
                continue
            every = relation.recurring_every
            period = day_iso(day)[:7] if every > 7 else f"week {day // 7 % 52 + 1}"
            invoice = issue(
                self._rng,
                relation,
                day,
                self._desk.next_number(),
                relation.recurring_net,
                reference=f"{relation.recurring_code} {period}",
                habit=RECURRING,
                description="Service charge",
            )
            relation.recurring_next = next_working_day(relation.recurring_next + every)
            self._desk.enter(invoice)
            billed += 1
        return billed

    def _bill_one(self, day: int) -> None:
        relation = self._choose(day)
        if relation.habit == BLANKET and self._rng.random() < 0.6:
            self._bill_blanket(relation, day)
        elif relation.habit == LIST_PRICE and self._rng.random() < 0.7:
            self._bill_list_price(relation, day)
        else:
            self._bill_plain(relation, day)

    def _bill_blanket(self, relation: Relation, day: int) -> None:
        """Bill a part of a large order, or place the next one."""
        net = draw_net(self._rng, relation, day, is_plain=True)
        order = relation.blanket
        if order is None or self._rng.random() < 0.3:
            order = order_for(self._rng, relation, day, net, parts=self._rng.randrange(3, 7))
            relation.blanket = order
            self._desk.keeper.purchase_order(order, relation, 0)
        self._desk.enter(self._issue(relation, day, net, order, BLANKET))

    def _bill_list_price(self, relation: Relation, day: int) -> None:
        """Sell one of the same three things again, each time with an order of its own."""
        net = self._rng.choice(relation.list_prices)
        order = order_for(self._rng, relation, day, net)
        invoice = self._issue(relation, day, net, order, LIST_PRICE)
        self._desk.keeper.purchase_order(order, relation, invoice.created_ms)
        self._desk.enter(invoice)

    def _bill_plain(self, relation: Relation, day: int) -> None:
        planter = self._planter
        kind = planter.next_kind()
        has_order = self._rng.random() < relation.order_share or planter.needs_order(kind)
        net = draw_net(self._rng, relation, day, is_plain=not has_order)
        order = order_for(self._rng, relation, day, net) if has_order else None
        if order is not None:
            planter.bend_order(kind, order, day)
        invoice = self._issue(relation, day, planter.bent_net(kind, net, relation), order, ORDINARY)
        if order is not None:
            self._desk.keeper.purchase_order(order, relation, invoice.created_ms)
        planter.bend_invoice(kind, invoice, order)
        life = self._desk.enter(invoice)
        planter.follow_up(kind, invoice, life)

    def _issue(
        self, relation: Relation, day: int, net: int, order: PurchaseOrder | None, habit: str
    ) -> Invoice:
        reference = typed_reference(self._rng, order.number) if order else ""
        number = self._desk.next_number()
        return issue(self._rng, relation, day, number, net, reference=reference, habit=habit)

    def _choose(self, day: int) -> Relation:
        for _ in range(8):
            relation = self._rng.choices(self._relations, cum_weights=self._weights)[0]
            if _trades(relation, day):
                return relation
        standing = [r for r in self._relations if _trades(r, day)] or self._relations
        return standing[0]

    def _set_archive_day(self, relation: Relation) -> None:
        failed_on = relation.debtor.failed_on
        if failed_on is not None and self._rng.random() < 0.5:
            relation.archived_on = failed_on + self._rng.randrange(30, 120)


def _trades(relation: Relation, day: int) -> bool:
    failed_on = relation.debtor.failed_on
    return relation.starts_on <= day and (failed_on is None or day < failed_on + 10)


def _cumulative(relations: list[Relation]) -> list[float]:
    total, sums = 0.0, []
    for relation in relations:
        total += relation.weight
        sums.append(total)
    return sums


def _activity(seller: Seller, first: int, day: int) -> float:
    moment = date.fromordinal(day)
    weekday = moment.weekday()
    working = 0.0 if weekday == 6 else 0.1 if weekday == 5 else 1.0
    month_end = 1.7 if date.fromordinal(day + 3).month != moment.month else 1.0
    growth = 1 + seller.growth_per_year * (day - first) / 365
    return working * month_end * growth * _SEASON.get(moment.month, 1.0)
