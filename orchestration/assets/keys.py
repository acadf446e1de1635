"""Asset keys of the stages behind the marts, each named once."""

from __future__ import annotations

import dagster as dg

RECEIVABLES = dg.AssetKey(["marts", "risk", "fct_receivables"])
DEBTORS = dg.AssetKey(["marts", "risk", "dim_debtors"])
SELLERS = dg.AssetKey(["marts", "risk", "dim_sellers"])
VERDICTS = dg.AssetKey(["marts", "compliance", "rpt_tenant_verdicts"])

MODELS = dg.AssetKey(["scores", "models"])
FEATURES = dg.AssetKey(["features", "payment_behaviour"])
FINGERPRINTS = dg.AssetKey(["features", "receivable_fingerprints"])
SCORES = dg.AssetKey(["scores", "receivable_scores"])
CHECKS = dg.AssetKey(["decisions", "checks"])
POLICY = dg.AssetKey(["decisions", "policy"])
DECISIONS = dg.AssetKey(["decisions", "decisions"])
REASONS = dg.AssetKey(["decisions", "reasons"])
PAYMENTS = dg.AssetKey(["actions", "payments"])
MESSAGES = dg.AssetKey(["actions", "messages"])
ENTRIES = dg.AssetKey(["audit", "entries"])
CHECKPOINT = dg.AssetKey(["audit", "checkpoint"])
SNAPSHOT = dg.AssetKey(["publications", "snapshot"])
MARTS_FOR_BI = dg.AssetKey(["publications", "marts_for_bi"])
MONTHLY_REPORT = dg.AssetKey(["publications", "monthly_compliance"])
