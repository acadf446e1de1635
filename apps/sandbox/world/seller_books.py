"""One seller's trade from the first day to the last: what it bills, to whom, and where it cheats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

from apps.sandbox.storage.writer import WorldWriter
from apps.sandbox.world import frauds
from apps.sandbox.world.billing import (
    draw_net,
    false_relation,
    issue,
    order_for,
    relation_between,
    typed_reference,
)
from apps.sandbox.world.bookkeeping import Bookkeeper
from apps.sandbox.world.calendar import HOUR_MS, day_iso, next_working_day
from apps.sandbox.world.collections import CollectionAccounts, OtherEntry
from apps.sandbox.world.countries import iban
from apps.sandbox.world.ledgers import (
    BLANKET,
    FALSE,
    LIST_PRICE,
    ORDINARY,
    RECURRING,
    Invoice,
    PurchaseOrder,
    Relation,
)
from apps.sandbox.world.money import share_of
from apps.sandbox.world.names import misspelt
from apps.sandbox.world.parameters import WorldParameters
from apps.sandbox.world.parties import Debtor, Seller, choose_debtors, fake_debtor, uuid_from
from apps.sandbox.world.settlement import CreditNumbers, Event, Life, settle

_SEASON = {1: 0.92, 2: 0.95, 3: 1.05, 7: 0.98, 8: 0.82, 9: 1.05, 10: 1.08, 11: 1.12, 12: 0.96}
_RIVAL = "NORDBRIDGE RECEIVABLES FINANCE"
_FAKE_EVERY = 5


def daily_counts(
    seller: Seller, parameters: WorldParameters, invoices: int
) -> Iterator[tuple[int, int]]:
    """Yield (day, invoices) so that exactly `invoices` are issued until as-of, then go on."""
    first, as_of = parameters.first_day, parameters.as_of_day
    days = range(first, parameters.last_day + 1)
    whole = sum(_activity(seller, first, day) for day in range(first, as_of + 1))
    reached, given = 0.0, 0
    for day in days:
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
        self._rng = Random(f"{parameters.seed}/books/{seller.number}")
        self._writer = writer
        self._parameters = parameters
        self._seller = seller
        self._keeper = Bookkeeper(writer, parameters, seller.number)
        self._money = CollectionAccounts(self._rng, writer, seller, parameters.last_day)
        self._temptation = frauds.Temptation(self._rng)
        self._credit_numbers = CreditNumbers()
        self._number = seller.first_number
        self._used: set[str] = set()
        chosen = choose_debtors(self._rng, parameters, seller, debtors)
        self._relations = [
            relation_between(self._rng, parameters, seller, debtor, place)
            for place, debtor in enumerate(chosen, 1)
        ]
        self._recurring = [r for r in self._relations if r.habit == RECURRING]
        self._weights = _cumulative(self._relations)
        self._false: Relation | None = None

    def run(self, invoices: int) -> list[Debtor]:
        """Trade through all days; return debtors the seller invented."""
        for relation in self._relations:
            self._set_archive_day(relation)
            self._keeper.contact(relation, self._parameters.first_day - 30)
        fake_from = self._fake_start()
        for day, count in daily_counts(self._seller, self._parameters, invoices):
            self._money.run_until(day - 1)
            left = count - self._bill_recurring(day, count)
            for _ in range(left):
                self._bill_ordinary(day)
            if fake_from and day >= fake_from:
                self._bill_invented(day)
        self._money.run_until(self._parameters.last_day)
        return [self._false.debtor] if self._false else []

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
                self._next_number(),
                relation.recurring_net,
                reference=f"{relation.recurring_code} {period}",
                habit=RECURRING,
                description="Service charge",
            )
            relation.recurring_next = next_working_day(relation.recurring_next + every)
            self._enter(invoice)
            billed += 1
        return billed

    def _bill_ordinary(self, day: int) -> None:
        relation = self._choose(day)
        if relation.habit == BLANKET and self._rng.random() < 0.6:
            self._bill_blanket(relation, day)
        elif relation.habit == LIST_PRICE and self._rng.random() < 0.7:
            net = self._rng.choice(relation.list_prices)
            order = order_for(self._rng, relation, day, net)
            invoice = self._issue(relation, day, net, order, LIST_PRICE)
            self._keeper.purchase_order(order, relation, invoice.created_ms)
            self._enter(invoice)
        else:
            self._bill_plain(relation, day)

    def _bill_blanket(self, relation: Relation, day: int) -> None:
        net = draw_net(self._rng, relation, day, is_plain=True)
        order = relation.blanket
        if order is None or not order.is_open or self._rng.random() < 0.3:
            order = order_for(self._rng, relation, day, net, parts=self._rng.randrange(3, 7))
            relation.blanket = order
            self._keeper.purchase_order(order, relation, 0)
        self._enter(self._issue(relation, day, net, order, BLANKET))

    def _bill_plain(self, relation: Relation, day: int) -> None:
        kind = self._temptation.next_kind()
        has_order = self._rng.random() < relation.order_share or kind in {
            frauds.INFLATED,
            frauds.PRE_INVOICING,
        }
        net = draw_net(self._rng, relation, day, is_plain=not has_order)
        order = order_for(self._rng, relation, day, net) if has_order else None
        if kind == frauds.INFLATED:
            net = round(max(net, relation.median_minor) * self._rng.uniform(3.2, 6.0))
        if kind == frauds.PRE_INVOICING and order is not None:
            order.day = day + self._rng.randrange(3, 21)
            order.received_on = order.day + self._rng.randrange(1, 15)
        invoice = self._issue(relation, day, net, order, ORDINARY)
        invoice.is_firm = bool(kind)
        if order is not None:
            self._keeper.purchase_order(order, relation, invoice.created_ms)
        if kind == frauds.PAYEE_CHANGE:
            account = iban(self._rng, self._seller.country)
            frauds.with_new_account(self._rng, invoice, account)
            self._answer(kind, invoice, other_id=account)
        elif kind in {frauds.INFLATED, frauds.PRE_INVOICING} and order is not None:
            self._answer(kind, invoice, other_id=order.order_id, other_number=order.number)
        life = self._enter(invoice)
        self._follow_up(kind, invoice, life)

    def _follow_up(self, kind: str, invoice: Invoice, life: Life) -> None:
        rng = self._rng
        if kind == frauds.DUPLICATE:
            twin, form = frauds.duplicate(rng, invoice, self._used)
            if invoice.relation.contact_tax_id and rng.random() < 0.15:
                self._second_contact(twin, form)
            self._copy(kind, twin, invoice, form)
        elif kind == frauds.NEAR_DUPLICATE:
            twin, form = frauds.near_duplicate(rng, invoice, self._used, self._peek_number())
            if form == frauds.AMOUNT_AND_DATE:
                self._next_number()
            self._copy(kind, twin, invoice, form)
        elif kind == frauds.DOUBLE_FINANCING:
            self._sell_twice(invoice)
        elif kind == frauds.ROUND_TRIP and life.receipts:
            self._send_round(invoice, life)

    def _copy(self, kind: str, twin: Invoice, original: Invoice, form: str) -> None:
        self._used.add(twin.number)
        twin.relation.recent.append((twin.day, twin.gross))
        self._answer(
            kind, twin, other_id=original.invoice_id, other_number=original.number, form=form
        )
        self._enter(twin)

    def _second_contact(self, twin: Invoice, form: str) -> None:
        twin.contact_id = uuid_from(self._rng)
        name = f"{misspelt(self._rng, twin.relation.debtor.name)} ({form[:3]})"
        self._keeper.second_contact(twin.relation, twin.contact_id, name, twin.day)

    def _sell_twice(self, invoice: Invoice) -> None:
        share = self._rng.choice((80, 85, 90))
        row = self._row(frauds.DOUBLE_FINANCING, invoice)
        self._money.book(
            OtherEntry(
                day=next_working_day(invoice.day + self._rng.randrange(2, 7)),
                currency=invoice.currency,
                amount=share_of(invoice.gross, share),
                name=_RIVAL,
                iban="DE22500105175407324931",
                reference=f"ADVANCE {share}PCT {invoice.number}",
                code="RCDT",
                answer=row,
            )
        )

    def _send_round(self, invoice: Invoice, life: Life) -> None:
        receipt = life.receipts[0]
        kept = self._rng.uniform(0.95, 1.0)
        self._money.book(
            OtherEntry(
                day=max(invoice.day, receipt.day - self._rng.randrange(1, 4)),
                currency=invoice.currency,
                amount=-round(receipt.amount * kept),
                name=f"{self._seller.name.split(' ')[0]} Holdings".upper(),
                iban=receipt.relation.debtor.other_iban,
                reference="CONSULTING",
                code="ICDT",
                answer=self._row(frauds.ROUND_TRIP, invoice),
            )
        )
        receipt.payer_iban = receipt.relation.debtor.other_iban

    def _bill_invented(self, day: int) -> None:
        rng = self._rng
        if self._false is None:
            debtor = fake_debtor(rng, 10**6 + self._seller.number, self._seller, day)
            self._false = false_relation(rng, self._seller, debtor, day, 9000)
            self._keeper.contact(self._false, day)
        if rng.random() >= 1 / 17:
            return
        net = rng.randrange(8, 31) * 100_000
        invoice = issue(rng, self._false, day, self._next_number(), net, reference="", habit=FALSE)
        invoice.is_firm = True
        invoice.is_unpayable = rng.random() < 0.7
        self._answer(frauds.FAKE_DEBTOR, invoice, other_id=self._false.contact_id)
        self._enter(invoice)

    def _issue(
        self, relation: Relation, day: int, net: int, order: PurchaseOrder | None, habit: str
    ) -> Invoice:
        reference = typed_reference(self._rng, order.number) if order else ""
        return issue(
            self._rng,
            relation,
            day,
            self._next_number(),
            net,
            reference=reference,
            habit=habit,
        )

    def _enter(self, invoice: Invoice) -> Life:
        """Settle an invoice, write it into the books and let its money arrive."""
        life = settle(self._rng, invoice, self._credit_numbers)
        self._keeper.invoice(invoice, life)
        for receipt in life.receipts:
            if invoice.habit == FALSE:
                receipt.payer_iban = self._seller.payout_iban
            self._money.receive(receipt)
        if life.is_replaced:
            self._replace(invoice, life.events[-1])
        return life

    def _replace(self, withdrawn: Invoice, event: Event) -> None:
        """Bill again what was voided, properly: an honest look-alike."""
        again = issue(
            self._rng,
            withdrawn.relation,
            withdrawn.day,
            self._next_number(),
            withdrawn.net,
            reference=withdrawn.reference,
            habit=withdrawn.habit,
            description=withdrawn.lines[0].description,
        )
        again.created_ms = event.moment_ms + HOUR_MS
        again.is_firm = True
        self._writer.lookalike(
            self._row(
                "replaces_voided",
                again,
                other_id=withdrawn.invoice_id,
                other_number=withdrawn.number,
            )
        )
        self._enter(again)

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

    def _fake_start(self) -> int:
        if self._seller.number % _FAKE_EVERY != 3 % _FAKE_EVERY:
            return 0
        span = self._parameters.as_of_day - self._parameters.first_day
        return self._parameters.first_day + self._rng.randrange(span // 3, max(span - 40, 2))

    def _next_number(self) -> str:
        number = self._peek_number()
        self._number += 1
        return number

    def _peek_number(self) -> str:
        while True:
            number = self._seller.number_pattern.format(self._number)
            if number not in self._used:
                return number
            self._number += 1

    def _answer(
        self, kind: str, invoice: Invoice, *, other_id: str, other_number: str = "", form: str = ""
    ) -> None:
        self._writer.answer(
            self._row(kind, invoice, other_id=other_id, other_number=other_number, form=form)
        )

    def _row(
        self,
        kind: str,
        invoice: Invoice,
        *,
        other_id: str = "",
        other_number: str = "",
        form: str = "",
    ) -> list[object]:
        return [
            kind,
            self._seller.organisation_id,
            self._seller.number,
            invoice.invoice_id,
            invoice.number,
            other_id,
            other_number,
            day_iso(719_163 + invoice.created_ms // 86_400_000),
            form,
        ]


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
