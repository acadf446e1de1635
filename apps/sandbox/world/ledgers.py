"""The documents of one seller's books as the simulation holds them, before they are written out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from apps.sandbox.world.parties import Debtor, Seller

ORDINARY = "ordinary"
RECURRING = "recurring"
LIST_PRICE = "list_price"
BLANKET = "blanket"
FALSE = "false"
SUPPLIER = "supplier"


@dataclass(slots=True)
class Relation:
    """One debtor in one seller's books: its contact record and what is normal between the two.

    Attributes:
        contact_id: The contact the invoices name now.
        former_contact_id: A second record of the same debtor, merged into this on `merged_on`.
        habit: How this debtor buys: ordinary, recurring, list_price or blanket orders.
        recent: (day, gross, has a reference) of the latest invoices, to keep chance twins out.
    """

    seller: Seller
    debtor: Debtor
    contact_id: str
    contact_name: str
    contact_tax_id: str
    contact_number: str
    former_contact_id: str
    merged_on: int
    archived_on: int
    currency: str
    terms_days: int
    tax_percent: int
    median_minor: int
    order_share: float
    delay_offset: float
    starts_on: int
    habit: str
    weight: float
    recent: deque[tuple[int, int, bool]] = field(default_factory=lambda: deque(maxlen=24))
    list_prices: tuple[int, ...] = ()
    recurring_every: int = 0
    recurring_next: int = 0
    recurring_net: int = 0
    recurring_code: str = ""
    blanket: PurchaseOrder | None = None

    def contact_on(self, day: int) -> str:
        """Return the contact record in use on a day."""
        return self.former_contact_id if day < self.merged_on else self.contact_id


@dataclass(slots=True)
class PurchaseOrder:
    """A debtor's order as the seller keeps it; `received_on` is the day goods were accepted."""

    order_id: str
    number: str
    day: int
    received_on: int
    gross: int
    net: int
    tax: int


@dataclass(slots=True)
class Line:
    """One invoice line; amounts in minor units."""

    line_id: str
    description: str
    quantity: int
    net: int
    tax: int


@dataclass(slots=True)
class Invoice:
    """One sales invoice as first issued.

    Attributes:
        is_unpayable: Nobody will ever pay it: nothing was delivered for it.
        is_firm: It is never withdrawn, because a planted fraud refers to it.
        pays_elsewhere: The debtor pays to an account the bank does not see.
    """

    invoice_id: str
    number: str
    relation: Relation
    contact_id: str
    day: int
    due_day: int
    created_ms: int
    lines: list[Line]
    net: int
    tax: int
    gross: int
    reference: str
    habit: str
    is_unpayable: bool = False
    is_firm: bool = False
    pays_elsewhere: bool = False

    @property
    def currency(self) -> str:
        """Return the currency the relation trades in."""
        return self.relation.currency


@dataclass(slots=True)
class Payment:
    """A payment as the seller's bookkeeper posts it."""

    payment_id: str
    day: int
    posted_ms: int
    amount: int


@dataclass(slots=True)
class CreditNote:
    """A credit note, allocated to an invoice unless `invoice` is none."""

    credit_note_id: str
    number: str
    day: int
    posted_ms: int
    net: int
    tax: int
    total: int
    reason: str


@dataclass(slots=True)
class Receipt:
    """Money arriving on the collection account for one invoice, before the payer joins several."""

    day: int
    relation: Relation
    amount: int
    number: str
    invoice_id: str
    payer_iban: str
    payer_name: str
    style: str
