"""Plants frauds into a seller's books and says so in the answer key."""

from __future__ import annotations

from apps.sandbox.world import frauds
from apps.sandbox.world.billing import false_relation, issue
from apps.sandbox.world.countries import iban
from apps.sandbox.world.days import next_working_day
from apps.sandbox.world.desk import Desk
from apps.sandbox.world.ledgers import FALSE, Invoice, PurchaseOrder, Relation
from apps.sandbox.world.money import share_of
from apps.sandbox.world.names import misspelt
from apps.sandbox.world.parameters import WorldParameters
from apps.sandbox.world.parties import Debtor, fake_debtor, uuid_from
from apps.sandbox.world.receipts import OtherEntry
from apps.sandbox.world.settlement import Life

_RIVAL = ("NORDBRIDGE RECEIVABLES FINANCE", "DE22500105175407324931")
_INVENTS_EVERY = 5
_SECOND_CONTACT_RATE = 0.15
_DAYS_BETWEEN_INVENTED = 17


class Planter:
    """The dishonest side of one seller: tempted now and then, and some invent a debtor."""

    def __init__(self, desk: Desk, parameters: WorldParameters) -> None:
        self._desk = desk
        self._temptation = frauds.Temptation(desk.rng)
        self._invents_from = self._start_of_invention(parameters)
        self._invented: Relation | None = None

    @property
    def invented(self) -> list[Debtor]:
        """Return the debtors this seller made up."""
        return [self._invented.debtor] if self._invented else []

    def next_kind(self) -> str:
        """Return the fraud to plant on the next ordinary invoice, or an empty text."""
        return self._temptation.next_kind()

    def needs_order(self, kind: str) -> bool:
        """Tell whether a fraud only shows beside a purchase order."""
        return kind in {frauds.INFLATED, frauds.PRE_INVOICING}

    def bend_order(self, kind: str, order: PurchaseOrder, day: int) -> None:
        """Let an order be placed and delivered after it was billed."""
        if kind == frauds.PRE_INVOICING:
            order.day = day + self._desk.rng.randrange(3, 21)
            order.received_on = order.day + self._desk.rng.randrange(1, 15)

    def bent_net(self, kind: str, net: int, relation: Relation) -> int:
        """Return the net amount to bill for an order of `net`."""
        if kind != frauds.INFLATED:
            return net
        return round(max(net, relation.median_minor) * self._desk.rng.uniform(3.2, 6.0))

    def bend_invoice(self, kind: str, invoice: Invoice, order: PurchaseOrder | None) -> None:
        """Bend an invoice before it is entered, and note it."""
        invoice.is_firm = bool(kind)
        desk = self._desk
        if kind == frauds.PAYEE_CHANGE:
            account = iban(desk.rng, desk.seller.country)
            frauds.with_new_account(desk.rng, invoice, account)
            desk.answer(kind, invoice, other_id=account)
        elif order is not None and self.needs_order(kind):
            desk.answer(kind, invoice, other_id=order.order_id, other_number=order.number)

    def follow_up(self, kind: str, invoice: Invoice, life: Life) -> None:
        """Do what a fraud does after its invoice was entered."""
        desk = self._desk
        if kind == frauds.DUPLICATE:
            twin, form = frauds.duplicate(desk.rng, invoice, desk.is_taken)
            if invoice.relation.contact_tax_id and desk.rng.random() < _SECOND_CONTACT_RATE:
                self._second_contact(twin)
            self._copy(kind, twin, invoice, form)
        elif kind == frauds.NEAR_DUPLICATE:
            upcoming = desk.peek_number()
            twin, form = frauds.near_duplicate(desk.rng, invoice, desk.is_taken, upcoming)
            if form == frauds.AMOUNT_AND_DATE:
                desk.next_number()
            self._copy(kind, twin, invoice, form)
        elif kind == frauds.DOUBLE_FINANCING:
            self._sell_twice(invoice)
        elif kind == frauds.ROUND_TRIP and life.receipts:
            self._send_round(invoice, life)

    def bill_invented(self, day: int) -> None:
        """Bill the invented debtor now and then; three in ten are paid by the seller itself."""
        if not self._invents_from or day < self._invents_from:
            return
        desk, rng = self._desk, self._desk.rng
        if self._invented is None:
            debtor = fake_debtor(rng, 10**6 + desk.seller.number, desk.seller, day)
            self._invented = false_relation(rng, desk.seller, debtor, day, 9000)
            desk.keeper.contact(self._invented, day)
        if rng.random() >= 1 / _DAYS_BETWEEN_INVENTED:
            return
        net = rng.randrange(8, 31) * 100_000
        number = desk.next_number()
        invoice = issue(rng, self._invented, day, number, net, reference="", habit=FALSE)
        invoice.is_firm = True
        invoice.is_unpayable = rng.random() < 0.7
        desk.answer(frauds.FAKE_DEBTOR, invoice, other_id=self._invented.contact_id)
        desk.enter(invoice)

    def _copy(self, kind: str, twin: Invoice, original: Invoice, form: str) -> None:
        desk = self._desk
        desk.used_numbers.add(twin.number)
        twin.relation.recent.append((twin.day, twin.gross, bool(twin.reference)))
        desk.answer(
            kind, twin, other_id=original.invoice_id, other_number=original.number, form=form
        )
        desk.enter(twin)

    def _second_contact(self, twin: Invoice) -> None:
        """Enter the twin under another record of the same debtor, as a careless clerk would."""
        rng = self._desk.rng
        twin.contact_id = uuid_from(rng)
        name = f"{misspelt(rng, twin.relation.debtor.name)} (2)"
        self._desk.keeper.second_contact(twin.relation, twin.contact_id, name, twin.day)

    def _sell_twice(self, invoice: Invoice) -> None:
        desk, share = self._desk, self._desk.rng.choice((80, 85, 90))
        desk.money.book(
            OtherEntry(
                day=next_working_day(invoice.day + desk.rng.randrange(2, 7)),
                currency=invoice.currency,
                amount=share_of(invoice.gross, share),
                name=_RIVAL[0],
                iban=_RIVAL[1],
                reference=f"ADVANCE {share}PCT {invoice.number}",
                code="RCDT",
                answer=desk.row(frauds.DOUBLE_FINANCING, invoice),
            )
        )

    def _send_round(self, invoice: Invoice, life: Life) -> None:
        """Lend an affiliate the money with which the debtor then seems to pay."""
        desk, receipt = self._desk, life.receipts[0]
        kept = desk.rng.uniform(0.95, 1.0)
        affiliate = receipt.relation.debtor.other_iban
        desk.money.book(
            OtherEntry(
                day=max(invoice.day, receipt.day - desk.rng.randrange(1, 4)),
                currency=invoice.currency,
                amount=-round(receipt.amount * kept),
                name=f"{desk.seller.name.split(' ')[0]} Holdings".upper(),
                iban=affiliate,
                reference="CONSULTING",
                code="ICDT",
                answer=desk.row(frauds.ROUND_TRIP, invoice),
            )
        )
        receipt.payer_iban = affiliate

    def _start_of_invention(self, parameters: WorldParameters) -> int:
        """Return the day from which a debtor is invented; 0 for the four in five who never do."""
        if self._desk.seller.number % _INVENTS_EVERY != 3 % _INVENTS_EVERY:
            return 0
        span = parameters.as_of_day - parameters.first_day
        return parameters.first_day + self._desk.rng.randrange(span // 3, max(span - 40, 2))
