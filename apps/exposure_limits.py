"""How much of each limit is used: the ledger's reservations against the limits last decided with.

    ledger: reservations ──► used        snapshot: checks of the newest decisions ──► limit

A limit is what the policy gave a seller or a debtor at the newest decision that asked for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.access.personal_data import party_label
from apps.warehouse import Snapshot

KINDS = {"seller": "Seller's line", "debtor": "Debtor's limit"}


@dataclass(frozen=True)
class LimitUse:
    """One limit and what is drawn on it.

    Attributes:
        kind: `seller` or `debtor`.
        party_id: whose limit it is.
        label: the party's name as this reader may see it.
        currency: of both amounts.
        used_minor: advances reserved and not released, as the ledger holds them now.
        limit_minor: the limit; none when no decision of this snapshot asked for it.
    """

    kind: str
    party_id: str
    label: str
    currency: str
    used_minor: int
    limit_minor: int | None

    @property
    def used_ppm(self) -> int | None:
        """The used share of the limit."""
        if not self.limit_minor:
            return None
        return self.used_minor * 1_000_000 // self.limit_minor


def uses(
    snapshot: Snapshot, used: Mapping[tuple[str, str, str], int], currency: str
) -> list[LimitUse]:
    """Return every limit that is drawn on in one currency, the fullest first.

    Args:
        snapshot: where limits and names are read.
        used: what the ledger holds against (kind, party, currency).
        currency: ISO 4217 code.
    """
    drawn = {
        (kind, party_id): minor
        for (kind, party_id, code), minor in used.items()
        if code == currency and kind in KINDS and minor > 0
    }
    if not drawn:
        return []
    limits = {
        (row["kind"], row["party_id"]): row
        for row in snapshot.rows(_LIMITS, {"currency": currency})
    }
    found = []
    for (kind, party_id), minor in drawn.items():
        known = limits.get((kind, party_id), {})
        found.append(
            LimitUse(
                kind=kind,
                party_id=party_id,
                label=party_label(known.get("display_name"), party_id),
                currency=currency,
                used_minor=minor,
                limit_minor=known.get("limit_minor"),
            )
        )
    return sorted(found, key=lambda use: (-(use.used_ppm or 0), -use.used_minor, use.party_id))


_LIMITS = """
    with asked as (
        select
            if(checks.check_id = 'L03', 'seller', 'debtor') as kind,
            if(checks.check_id = 'L03', decisions.seller_id, decisions.debtor_id) as party_id,
            arg_max(try_cast(checks.threshold as bigint), decisions.ledger_index) as limit_minor
        from decisions.checks as checks
        join decisions.decisions as decisions using (decision_id)
        where checks.check_id in ('L03', 'L04')
          and checks.threshold is not null
          and decisions.currency = $currency
        group by all
    ),
    names as (
        select 'seller' as kind, seller_id as party_id, display_name from marts_risk.dim_sellers
        union all
        select 'debtor', debtor_id, display_name from marts_risk.dim_debtors
    )
    select asked.*, names.display_name
    from asked
    left join names using (kind, party_id)
"""
