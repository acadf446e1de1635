"""What is billed: relations between a seller and its debtors, orders, and the invoices issued.

Also the honest look-alikes a duplicate check must not flag: monthly and weekly charges of equal
amount, list prices sold again and again, next numbers of a series, one order billed in parts.
"""

from __future__ import annotations

import math
from random import Random

from apps.sandbox.world.days import HOUR_MS, MINUTE_MS, day_ms, next_working_day
from apps.sandbox.world.ledgers import (
    BLANKET,
    FALSE,
    LIST_PRICE,
    ORDINARY,
    RECURRING,
    Invoice,
    Line,
    PurchaseOrder,
    Relation,
)
from apps.sandbox.world.money import exponent, share_of
from apps.sandbox.world.names import goods, misspelt
from apps.sandbox.world.parameters import WorldParameters
from apps.sandbox.world.parties import Debtor, Seller, uuid_from

_TERMS = ((15, 15), (30, 56), (45, 11), (60, 13), (90, 4), (120, 1))
_WITHIN_SPREAD = 0.437
_BETWEEN_SPREAD = 0.9
_TYPICAL_MAJOR = 7_500
_UNITS = {"JPY": 150.0, "KWD": 0.33}
_TWIN_DAYS = 11
_TWIN_SHARE = 0.012


def relation_between(
    rng: Random, parameters: WorldParameters, seller: Seller, debtor: Debtor, place: int
) -> Relation:
    """Draw what is normal between a seller and a debtor."""
    currency = _currency(rng, seller, debtor)
    span = parameters.last_day - parameters.first_day
    starts_later = rng.random() < 0.3
    begins = parameters.first_day + (rng.randrange(span * 2 // 3) if starts_later else -30)
    is_merged = rng.random() < 0.04
    is_domestic = seller.country.code == debtor.country.code
    median = _TYPICAL_MAJOR * _UNITS.get(currency, 1.0) * math.exp(rng.gauss(0.0, _BETWEEN_SPREAD))
    relation = Relation(
        seller=seller,
        debtor=debtor,
        contact_id=uuid_from(rng),
        contact_name=misspelt(rng, debtor.name),
        contact_tax_id=_typed_tax_id(rng, debtor),
        contact_number=f"C{seller.number:02d}{place:04d}",
        former_contact_id=uuid_from(rng),
        merged_on=begins + rng.randrange(60, 500) if is_merged else 0,
        archived_on=0,
        currency=currency,
        terms_days=rng.choices([t for t, _ in _TERMS], [w for _, w in _TERMS])[0],
        tax_percent=seller.country.vat_percent if is_domestic else 0,
        median_minor=round(median * 10 ** exponent(currency)),
        order_share=rng.choice((0.0, 0.75, 0.9, 0.95, 1.0)),
        delay_offset=rng.gauss(0.0, 1.5),
        starts_on=begins,
        habit=_habit(rng),
        weight=debtor.size * math.exp(rng.gauss(0.0, 0.5)),
    )
    _prepare_habit(rng, relation)
    return relation


def false_relation(rng: Random, seller: Seller, debtor: Debtor, day: int, place: int) -> Relation:
    """Return the relation of a seller with a debtor it invented."""
    return Relation(
        seller=seller,
        debtor=debtor,
        contact_id=uuid_from(rng),
        contact_name=debtor.name,
        contact_tax_id=debtor.tax_id,
        contact_number=f"C{seller.number:02d}{place:04d}",
        former_contact_id="",
        merged_on=0,
        archived_on=0,
        currency=seller.country.currency,
        terms_days=60,
        tax_percent=seller.country.vat_percent,
        median_minor=round(2 * _TYPICAL_MAJOR * 10 ** exponent(seller.country.currency)),
        order_share=0.0,
        delay_offset=0.0,
        starts_on=day,
        habit=FALSE,
        weight=0.0,
    )


def draw_net(rng: Random, relation: Relation, day: int, *, is_plain: bool) -> int:
    """Draw a net amount; plain ones keep clear of the pair's recent gross amounts.

    Two deliveries without an order of their own do not cost the same within days in this world, so
    that a twin amount means something; with orders of their own they may, as in life.
    """
    net = 0
    for _ in range(40):
        net = max(1, round(relation.median_minor * math.exp(rng.gauss(0.0, _WITHIN_SPREAD))))
        gross = net + share_of(net, relation.tax_percent)
        if not _has_twin(relation, day, gross, is_plain=is_plain):
            break
    return net


def order_for(
    rng: Random, relation: Relation, day: int, net: int, *, parts: int = 1
) -> PurchaseOrder:
    """Draw the debtor's order behind an invoice of `net`, or behind `parts` invoices like it."""
    ordered = net * parts if parts > 1 else net + round(net * rng.choice((0, 0, 0, 0.01, -0.01)))
    ordered_on = day - rng.randrange(3, 41)
    tax = share_of(ordered, relation.tax_percent)
    return PurchaseOrder(
        order_id=uuid_from(rng),
        number=f"PO-{relation.debtor.index % 90 + 10}{rng.randrange(10**5, 10**6)}",
        day=ordered_on,
        received_on=max(ordered_on + 1, day - rng.randrange(4)),
        gross=ordered + tax,
        net=ordered,
        tax=tax,
    )


def issue(
    rng: Random,
    relation: Relation,
    day: int,
    number: str,
    net: int,
    *,
    reference: str,
    habit: str,
    description: str = "",
) -> Invoice:
    """Return an invoice of `net` plus tax with one to three lines, issued in office hours."""
    lines = _lines(rng, relation, net, description)
    tax = sum(line.tax for line in lines)
    relation.recent.append((day, net + tax, bool(reference)))
    return Invoice(
        invoice_id=uuid_from(rng),
        number=number,
        relation=relation,
        contact_id=relation.contact_on(day),
        day=day,
        due_day=day + relation.terms_days,
        created_ms=day_ms(day) + 8 * HOUR_MS + rng.randrange(540) * MINUTE_MS,
        lines=lines,
        net=net,
        tax=tax,
        gross=net + tax,
        reference=reference,
        habit=habit,
    )


def typed_reference(rng: Random, order_number: str) -> str:
    """Return an order number as typed into the invoice's reference; rarely sloppy."""
    roll = rng.random()
    if roll < 0.94:
        return order_number
    return order_number.replace("-", " ") if roll < 0.97 else order_number.lower()


def _has_twin(relation: Relation, day: int, gross: int, *, is_plain: bool) -> bool:
    return any(
        day - seen <= _TWIN_DAYS
        and abs(gross - other) <= gross * _TWIN_SHARE
        and (is_plain or not has_reference)
        for seen, other, has_reference in relation.recent
    )


def _lines(rng: Random, relation: Relation, net: int, description: str) -> list[Line]:
    count = 1 if description or net < 300 else rng.choices((1, 2, 3), (6, 3, 1))[0]
    cuts = sorted(rng.randrange(net // 5, net) for _ in range(count - 1))
    parts = [end - start for start, end in zip([0, *cuts], [*cuts, net], strict=True)]
    return [
        Line(
            line_id=uuid_from(rng),
            description=description or goods(rng),
            quantity=1,
            net=part,
            tax=share_of(part, relation.tax_percent),
        )
        for part in parts
    ]


def _currency(rng: Random, seller: Seller, debtor: Debtor) -> str:
    home, theirs = seller.country.currency, debtor.country.currency
    if home == theirs:
        return home
    return theirs if rng.random() < (0.8 if theirs in _UNITS else 0.4) else home


def _typed_tax_id(rng: Random, debtor: Debtor) -> str:
    roll = rng.random()
    if roll < 0.06 or (debtor.is_person and roll < 0.5):
        return ""
    if roll < 0.75:
        return debtor.tax_id
    if roll < 0.90:
        return f"{debtor.tax_id[:2]} {debtor.tax_id[2:]}"
    return debtor.tax_id.lower()


def _habit(rng: Random) -> str:
    return rng.choices((ORDINARY, RECURRING, LIST_PRICE, BLANKET), (80, 8, 6, 6))[0]


def _prepare_habit(rng: Random, relation: Relation) -> None:
    median = relation.median_minor
    if relation.habit == LIST_PRICE:
        relation.list_prices = tuple(round(median * rng.uniform(0.5, 1.6)) for _ in range(3))
        relation.order_share = 1.0
    if relation.habit == BLANKET:
        relation.order_share = 1.0
    if relation.habit == RECURRING:
        relation.recurring_every = rng.choice((7, 30, 30, 30))
        relation.recurring_net = max(100, round(median * rng.uniform(0.2, 0.6)))
        relation.recurring_next = next_working_day(relation.starts_on + rng.randrange(5, 60))
        relation.recurring_code = f"CT-{rng.randrange(1000, 9999)}"
