"""Rows of an invented book in the shape of published tables, for tests that show and export them.

Two tenants, eight sellers, sixty debtors, about two thousand receivables and their decisions; the
same seed gives the same rows. They are written from the tables' definition alone: no part of the
pipeline runs here.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from models.domain.identity import surrogate_key

AS_OF = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
TODAY = AS_OF.date()
TENANTS = ("alder", "birch")
POLICY_HASH = surrogate_key("policy", "default")
MODEL_HASH = surrogate_key("model", "points")
BUCKETS = ("not_due", "1_30", "31_60", "61_90", "91_120", "over_120")
_FIRST = (
    "Arden", "Birk", "Calder", "Dunmore", "Eskdale", "Farrow", "Garnet", "Holm", "Inver",
    "Juniper", "Kestrel", "Larch",
)  # fmt: skip
_SECOND = ("Foods", "Textiles", "Machine Works", "Logistics", "Paper Mills", "Timber", "Optics")
_REASONS = {
    "E_AGED": ("eligibility", "More than 90 days since the invoice date"),
    "E_DISPUTED": ("eligibility", "The buyer disputes the invoice"),
    "L_DEBTOR": ("limits", "The buyer's limit has no room for this advance"),
    "F_NEAR": ("validity", "Looks like an invoice already seen, with another number"),
    "S_GRADE": ("scores", "Grade 7 or 8 is decided by a person"),
    "S_THIN": ("scores", "Fewer than six settled invoices with this buyer"),
}
_CHECKS = ("identity", "validity", "eligibility", "limits", "scores", "price")


class Book:
    """Rows of every table, made one receivable at a time."""

    def __init__(self, seed: int, receivables: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a world, not a secret
        self.sellers = [self._seller(n) for n in range(8)]
        self.debtors = [self._debtor(tenant, n) for tenant in TENANTS for n in range(30)]
        self.receivables: list[dict[str, Any]] = []
        self.decisions: list[dict[str, Any]] = []
        self.reasons: list[dict[str, Any]] = []
        self.checks: list[dict[str, Any]] = []
        self.features: list[dict[str, Any]] = []
        self.scores: list[dict[str, Any]] = []
        self.payments: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        for number in range(receivables):
            self._receivable(number)

    def _seller(self, n: int) -> dict[str, Any]:
        tenant = TENANTS[n // 4]
        connection = f"xero-{n + 1:02d}"
        return {
            "tenant_id": tenant,
            "seller_id": surrogate_key(tenant, "seller", connection),
            "connection_id": connection,
            "source_system": "xero",
            "display_name": f"{_FIRST[n]} {_SECOND[n % len(_SECOND)]} Ltd",
            "country": "IE",
            "tax_id": f"IE{3000000 + n}A",
            "base_currency": ("EUR", "EUR", "GBP", "EUR")[n % 4],
            "recorded_at": datetime(2024, 7, 1, tzinfo=UTC),
        }

    def _debtor(self, tenant: str, n: int) -> dict[str, Any]:
        person = n % 10 == 9
        return {
            "tenant_id": tenant,
            "debtor_id": surrogate_key(tenant, "debtor", "tax", f"DE{n}"),
            "display_name": None if person else f"{_FIRST[n % 12]} {_SECOND[n % 7]} GmbH",
            "is_natural_person": person,
            "country": ("DE", "FR", "IE", "NL")[n % 4],
            "tax_id": None if person else f"DE{811000000 + n}",
            "duns": f"{100000000 + n}",
            "paydex": 40 + n,
            "failure_class": 1 + n % 4,
            "bureau_limit_minor": None if person else 2_000_000,
            "bureau_currency": None if person else "EUR",
            "is_insolvent": n == 17,
            "weight": 1 / (1 + n % 30),
        }

    def _receivable(self, number: int) -> None:
        seller = self.chance.choice(self.sellers)
        own = [d for d in self.debtors if d["tenant_id"] == seller["tenant_id"]]
        debtor = self.chance.choices(own, [d["weight"] for d in own])[0]
        issued = TODAY - timedelta(days=self.chance.randrange(0, 720))
        due = issued + timedelta(days=self.chance.choice((14, 30, 30, 60)))
        settled = due + timedelta(days=round(self.chance.gauss(6, 16)))
        gross = round(self.chance.lognormvariate(13.2, 1.0))
        is_open = settled > TODAY or self.chance.random() < 0.04
        row = {
            "tenant_id": seller["tenant_id"],
            "receivable_id": surrogate_key(seller["tenant_id"], "receivable", str(number)),
            "seller_id": seller["seller_id"],
            "debtor_id": debtor["debtor_id"],
            "connection_id": seller["connection_id"],
            "source_system": "xero",
            "record_id": f"rec-{number}",
            "document_type": "invoice",
            "number": f"INV-{10000 + number}",
            "issued_on": issued,
            "due_on": due,
            "terms_days": (due - issued).days,
            "currency": seller["base_currency"],
            "gross_minor": gross,
            "open_minor": gross if is_open else 0,
            "is_disputed": is_open and self.chance.random() < 0.03,
            "status": "open" if is_open else "paid",
            "settled_on": None if is_open else settled,
            "recorded_at": datetime.combine(issued, datetime.min.time(), UTC),
            "is_backfilled": True,
            "source_count": 1,
            "payload_sha256": surrogate_key("payload", str(number)),
            "fetched_at": AS_OF,
            "days_past_due": max(0, (TODAY - due).days) if is_open else 0,
            "age_days": (TODAY - issued).days,
        }
        self.receivables.append(row)
        if is_open:
            self._decide(row)

    def _decide(self, row: dict[str, Any]) -> None:
        pick = self.chance.random()
        outcome = "approve" if pick < 0.66 else "refer" if pick < 0.88 else "reject"
        grade = {"approve": self.chance.randint(1, 6), "refer": self.chance.randint(5, 8)}.get(
            outcome, self.chance.randint(7, 10)
        )
        rate = 1_000_000 - 50_000 * (2 + (grade - 1) // 2)
        decision = {
            "tenant_id": row["tenant_id"],
            "decision_id": surrogate_key(row["tenant_id"], "decision", row["receivable_id"]),
            "receivable_id": row["receivable_id"],
            "seller_id": row["seller_id"],
            "debtor_id": row["debtor_id"],
            "outcome": outcome,
            "grade": grade,
            "pd_ppm": 2_000 * grade * grade,
            "late_ppm": 310_000,
            "el_bps": grade,
            "face_minor": row["open_minor"],
            "advance_rate_ppm": rate if outcome == "approve" else 0,
            "advance_minor": row["open_minor"] * rate // 1_000_000 if outcome == "approve" else 0,
            "fee_minor": row["open_minor"] * 11 // 1000 if outcome == "approve" else 0,
            "currency": row["currency"],
            "policy_hash": POLICY_HASH,
            "model_hash": MODEL_HASH,
            "requested_at": datetime.combine(
                max(row["issued_on"], TODAY - timedelta(days=45)), datetime.min.time(), UTC
            ),
            "decided_at": AS_OF,
            "ledger_index": None,
            "leaf_hash": None,
        }
        self.decisions.append(decision)
        self._explain(row, decision)
        if outcome == "approve":
            self._pay(decision)

    def _explain(self, row: dict[str, Any], decision: dict[str, Any]) -> None:
        key = {"tenant_id": row["tenant_id"], "decision_id": decision["decision_id"]}
        failed: list[str] = []
        if decision["outcome"] != "approve":
            failed = self.chance.sample(sorted(_REASONS), 1 + (self.chance.random() < 0.4))
        for rank, code in enumerate(failed, start=1):
            group, text = _REASONS[code]
            self.reasons.append(
                {
                    **key, "code": code, "text": text, "reason_group": group, "rank": rank,
                    "value": str(row["age_days"]), "threshold": "90",
                }
            )  # fmt: skip
        groups = {_REASONS[code][0] for code in failed}
        verdict = "refer" if decision["outcome"] == "refer" else "hard_reject"
        codes = {_REASONS[code][0]: code for code in failed}
        for position, name in enumerate(_CHECKS, start=1):
            status = verdict if name in groups else "pass"
            self.checks.append(
                {**key, "receivable_id": row["receivable_id"], "position": position,
                 "check_id": f"{name[0].upper()}01", "check_group": name, "status": status,
                 "code": codes.get(name), "value": None, "threshold": None, "cause": None}
            )  # fmt: skip
        for check_id, limit in (("L03", 500_000_000), ("L04", 60_000_000)):
            self.checks.append(
                {**key, "receivable_id": row["receivable_id"], "position": 7, "check_id": check_id,
                 "check_group": "limits", "status": "pass", "code": None, "value": "0",
                 "threshold": str(limit), "cause": None}
            )  # fmt: skip
        subject = {"tenant_id": row["tenant_id"], "receivable_id": row["receivable_id"]}
        self.features.append(
            {**subject, "n_paid_all": 9, "late_rate_365_ppm": 222_222, "dbt_mean_365_mdays": 6_400}
        )
        self.scores.append(
            {**subject, "points": 600 - 20 * decision["grade"], "grade": decision["grade"],
             "pd_ppm": decision["pd_ppm"], "late_ppm": 310_000, "days_to_pay_p50": 41}
        )  # fmt: skip

    def _pay(self, decision: dict[str, Any]) -> None:
        shared = {name: decision[name] for name in ("tenant_id", "decision_id", "currency")}
        pay_key = surrogate_key("payment", decision["decision_id"])
        self.payments.append(
            {**shared, "payment_id": pay_key, "end_to_end_id": pay_key[:35],
             "amount_minor": decision["advance_minor"], "status": "ACSC",
             "updated_at": AS_OF, "ledger_index": None}
        )  # fmt: skip
        self.messages.append(
            {"tenant_id": decision["tenant_id"], "decision_id": decision["decision_id"],
             "message_id": surrogate_key("message", decision["decision_id"]),
             "kind": "assignment_notice", "channel": "mail", "status": "delivered",
             "updated_at": AS_OF}
        )  # fmt: skip

    def tables(self) -> dict[str, pl.DataFrame]:
        """Every table of a snapshot by its name."""
        debtors = [{k: v for k, v in d.items() if k != "weight"} for d in self.debtors]
        return {
            "marts_risk.dim_sellers": _frame(self.sellers),
            "marts_risk.dim_debtors": _frame(debtors),
            "marts_risk.fct_receivables": _frame(self.receivables),
            "marts_portfolio.fct_ageing": _frame(self._ageing()),
            "marts_portfolio.fct_concentrations": _frame(self._concentrations()),
            "marts_portfolio.fct_receivables_daily": _frame(self._daily()),
            "marts_portfolio.fct_cash_applications": _frame(self._cash()),
            "marts_compliance.rpt_control_totals": _frame(self._control_totals()),
            "marts_compliance.rpt_data_quality": _frame(self._quality()),
            "marts_compliance.rpt_tenant_verdicts": _frame(
                [
                    {
                        "tenant_id": t,
                        "failed_checks": 0,
                        "is_publishable": True,
                        "first_failure": None,
                    }
                    for t in TENANTS
                ]
            ),
            "features.payment_behaviour": _frame(self.features),
            "scores.receivable_scores": _frame(self.scores),
            "decisions.decisions": _frame(self.decisions),
            "decisions.reasons": _frame(self.reasons),
            "decisions.checks": _frame(self.checks),
            "actions.payments": _frame(self.payments),
            "actions.messages": _frame(self.messages),
            "published.syncs": _frame(self._syncs()),
            "published.quarantine": _frame(self._quarantine()),
        }

    def _open(self) -> list[dict[str, Any]]:
        return [row for row in self.receivables if row["open_minor"]]

    def _ageing(self) -> list[dict[str, Any]]:
        totals: dict[tuple[str, ...], list[int]] = {}
        for row in self._open():
            for basis, start in (("due", row["due_on"]), ("invoice", row["issued_on"])):
                key = (row["tenant_id"], row["seller_id"], row["debtor_id"], row["currency"],
                       basis, _bucket((TODAY - start).days))  # fmt: skip
                cell = totals.setdefault(key, [0, 0])
                cell[0] += row["open_minor"]
                cell[1] += 1
        names = ("tenant_id", "seller_id", "debtor_id", "currency", "basis", "bucket")
        return [
            {**dict(zip(names, key, strict=True)), "as_of_on": TODAY, "open_minor": cell[0],
             "receivable_count": cell[1]}
            for key, cell in sorted(totals.items())
        ]  # fmt: skip

    def _concentrations(self) -> list[dict[str, Any]]:
        books: dict[tuple[str, str], dict[str, int]] = {}
        for row in self._open():
            book = books.setdefault((row["tenant_id"], row["currency"]), {})
            book[row["debtor_id"]] = book.get(row["debtor_id"], 0) + row["open_minor"]
        return [
            {"tenant_id": tenant, "currency": currency, "debtor_id": debtor, "as_of_on": TODAY,
             "open_minor": minor, "share_ppm": minor * 1_000_000 // sum(book.values()),
             "rank": rank}
            for (tenant, currency), book in sorted(books.items())
            for rank, (debtor, minor) in enumerate(
                sorted(book.items(), key=lambda item: (-item[1], item[0])), start=1
            )
        ]  # fmt: skip

    def _daily(self) -> list[dict[str, Any]]:
        out = []
        for seller in self.sellers:
            own = [r for r in self.receivables if r["seller_id"] == seller["seller_id"]]
            for back in range(0, 390, 30):
                day = TODAY - timedelta(days=back)
                alive = [r for r in own if r["issued_on"] <= day
                         and (r["settled_on"] or date.max) > day]  # fmt: skip
                out.append(
                    {"tenant_id": seller["tenant_id"], "seller_id": seller["seller_id"],
                     "currency": seller["base_currency"], "as_of_on": day, "state": "open",
                     "receivable_count": len(alive),
                     "open_minor": sum(r["gross_minor"] for r in alive)}
                )  # fmt: skip
        return out

    def _cash(self) -> list[dict[str, Any]]:
        return [
            {"tenant_id": row["tenant_id"], "transaction_id": f"tx-{row['record_id']}",
             "receivable_id": row["receivable_id"] if n % 12 else None,
             "seller_id": row["seller_id"], "method": "reference" if n % 12 else "suspense",
             "confidence_ppm": 990_000 if n % 12 else 0,
             "matched_minor": row["gross_minor"] if n % 12 else 0,
             "unapplied_minor": 0 if n % 12 else row["gross_minor"],
             "currency": row["currency"], "payer_is_debtor": n % 50 != 1,
             "is_auto_posted": bool(n % 12), "booked_on": row["settled_on"]}
            for n, row in enumerate(r for r in self.receivables if r["settled_on"])
        ]  # fmt: skip

    def _control_totals(self) -> list[dict[str, Any]]:
        return [
            {"tenant_id": s["tenant_id"], "connection_id": s["connection_id"],
             "source_system": "xero", "entity": "invoices", "currency": s["base_currency"],
             "is_stated": True, "source_minor": sum(r["gross_minor"] for r in own),
             "source_count": len(own), "mart_minor": sum(r["gross_minor"] for r in own),
             "not_yet_known_minor": 0, "superseded_minor": 0, "out_of_scope_minor": 0,
             "quarantined_minor": 0, "rounding_minor": 0, "difference_minor": 0}
            for s in self.sellers
            for own in [[r for r in self.receivables if r["seller_id"] == s["seller_id"]]]
        ]  # fmt: skip

    def _quality(self) -> list[dict[str, Any]]:
        return [
            {"tenant_id": s["tenant_id"], "connection_id": s["connection_id"],
             "source_system": "xero", "entity": "invoices", "rule": rule, "failed_count": failed,
             "checked_count": 250, "is_blocking": False, "is_failed": failed > 0}
            for s in self.sellers
            for rule, failed in (("due_date_present", 0), ("tax_id_valid", 3))
        ]  # fmt: skip

    def _syncs(self) -> list[dict[str, Any]]:
        return [
            {"tenant_id": s["tenant_id"], "sync_id": "sync-1",
             "connection_id": s["connection_id"], "system": "xero", "entity": entity,
             "is_full": True, "read": 250, "landed": 249, "unchanged": 0, "duplicate": 0,
             "quarantined": 1, "vanished": 0, "pages": 3, "status": "ok", "cause": None,
             "started_at": AS_OF - timedelta(minutes=4), "finished_at": AS_OF}
            for s in self.sellers
            for entity in ("contacts", "invoices", "payments")
        ]  # fmt: skip

    def _quarantine(self) -> list[dict[str, Any]]:
        return [
            {"tenant_id": s["tenant_id"],
             "quarantine_id": surrogate_key("held", s["connection_id"]),
             "connection_id": s["connection_id"], "system": "xero", "entity": "invoices",
             "record_id": None, "endpoint": "GET /Invoices?page=1",
             "page_sha256": surrogate_key("page", s["connection_id"]), "position": 4,
             "reason_code": "amount_too_large",
             "detail": "Total has more digits than a currency amount can have",
             "fetched_at": AS_OF, "replayed_at": None, "resolution": None}
            for s in self.sellers
        ]  # fmt: skip


def _bucket(days: int) -> str:
    if days <= 0:
        return BUCKETS[0]
    return BUCKETS[min(5, 1 + (days - 1) // 30)]


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return frame.with_columns(pl.col(pl.Null).cast(pl.String))
