"""Marts → features, scores, checks: the pure assessment, called for every open receivable.

Only receivables without a decision on their present state are asked about; their rows are written
beside those of earlier decisions, and everything is announced before a decision refers to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orchestration import datasets, facts, identifiers, lineage
from orchestration.stages import policy, training

if TYPE_CHECKING:
    from ledger.reservations import Reservation
    from models.assessment import Assessments
    from models.decisions.policy import Policy
    from models.domain.outcomes import DecisionCore
    from models.scores.scoring import ScoreModels
    from orchestration.facts import TenantFacts
    from orchestration.platform import Platform


@dataclass(frozen=True)
class Asked:
    """The open questions of one tenant and everything that answers them.

    Attributes:
        found: The tenant's facts.
        policy: Policy in force.
        models: Models in force.
        states: State hash by receivable.
    """

    found: TenantFacts
    policy: Policy
    models: ScoreModels
    states: dict[str, str]

    def decision_id(self, receivable_id: str) -> str:
        """Name the decision on a receivable's present state."""
        return identifiers.decision_id(
            receivable_id, self.states[receivable_id], self.policy.hash, self.models.hashes
        )


@dataclass(frozen=True)
class Standing:
    """What a tenant's approvals have taken, as it stood in the ledger at one size.

    Attributes:
        size: Number of entries.
        exposures: Kind, id and currency to minor units.
        reserved: Reservations that hold a fingerprint.
    """

    size: int
    exposures: dict[tuple[str, str, str], int]
    reserved: list[Reservation]


@dataclass
class AssessmentReport:
    """What was written.

    Attributes:
        rows: Rows by asset key.
    """

    rows: dict[str, int] = field(default_factory=dict)


def asked(platform: Platform) -> list[Asked]:
    """Read the facts and what is in force for every tenant whose checks passed."""
    in_force = policy.in_force(platform)
    found = facts.read(platform, facts.publishable_tenants(platform))
    return [
        Asked(
            item,
            in_force,
            training.in_force(platform, item.tenant_id),
            facts.state_hashes(item.receivables),
        )
        for item in found
    ]


def standing(platform: Platform, tenant_id: str) -> Standing:
    """Read what is taken, all of it as of one size of the ledger."""
    while True:
        size = platform.ledger.size()
        found = Standing(
            size, platform.ledger.exposures(tenant_id), platform.ledger.reserved(tenant_id)
        )
        if platform.ledger.size() == size:
            return found


def decide(
    platform: Platform,
    item: Asked,
    only: set[str] | None = None,
    *,
    taken: Standing | None = None,
) -> Assessments | None:
    """Assess a tenant's open receivables that are not decided yet; ``None`` when there are none.

    Args:
        platform: The opened platform; its ledger says what is decided and reserved.
        item: The tenant's questions.
        only: Restrict to these receivables.
        taken: What is reserved; read from the ledger when absent.
    """
    import polars as pl

    from models.assessment import Facts, assess

    tenant_id = item.found.tenant_id
    taken = taken or standing(platform, tenant_id)
    decided = {
        row["decision_id"] for row in platform.ledger.projection("decisions", tenant_id=tenant_id)
    }
    reserved = taken.reserved
    held = {one.receivable_id for one in reserved}
    requests = facts.open_requests(item.found)
    wanted = [
        receivable_id
        for receivable_id in requests["receivable_id"].to_list()
        if (only is None or receivable_id in only)
        and receivable_id not in held
        and item.decision_id(receivable_id) not in decided
    ]
    if not wanted:
        return None
    return assess(
        Facts(
            as_of=platform.clock.as_of,
            requests=requests.filter(pl.col("receivable_id").is_in(wanted)),
            history=item.found.receivables,
            debtors=item.found.debtors,
            sellers=item.found.sellers,
            exposures=tuple(
                (kind, party, currency, minor)
                for (kind, party, currency), minor in taken.exposures.items()
            ),
            financed=frozenset(one.fingerprint_exact for one in reserved),
            financed_near=frozenset(near for one in reserved for near in one.fingerprints_near),
        ),
        policy=item.policy,
        scores=item.models,
        fingerprint_keys={tenant_id: platform.keyring.fingerprint_key(tenant_id)},
    )


def assess(platform: Platform, *, run_id: str) -> AssessmentReport:
    """Assess every tenant, write the frames and announce all that decisions will refer to."""
    report = AssessmentReport({item.asset_key: 0 for item in datasets.ASSESSED})
    ensure_tables(platform)
    for item in asked(platform):
        result = decide(platform, item)
        if result is not None:
            _keep(platform, item, result, report)
    lineage.announce(platform, datasets.inputs(platform), run_id=run_id)
    return report


def _keep(platform: Platform, item: Asked, result: Assessments, report: AssessmentReport) -> None:
    import polars as pl

    tenant_id = item.found.tenant_id
    ids = {core.receivable_id: item.decision_id(core.receivable_id) for core in result.cores}
    checks = result.checks.with_columns(
        pl.col("receivable_id").replace_strict(ids).alias("decision_id"),
        pl.col("check_id").alias("check"),
    )
    fingerprints = result.fingerprints.insert_column(
        0, pl.Series("tenant_id", [tenant_id] * result.fingerprints.height, dtype=pl.String)
    )
    scores = result.scores.with_columns(_columns(result.cores))
    frames = {
        "features.payment_behaviour": result.features,
        "features.receivable_fingerprints": fingerprints,
        "scores.receivable_scores": scores,
        "decisions.checks": checks,
    }
    for name, frame in frames.items():
        schema, table = name.split(".")
        rows = facts.keep_frame(platform, schema, table, frame, tenant_id=tenant_id)
        report.rows[f"{schema}/{table}"] += rows


def _columns(cores: tuple[DecisionCore, ...]) -> list[Any]:
    import polars as pl

    return [
        pl.Series("grade", [core.grade for core in cores], dtype=pl.Int64),
        pl.Series("pd_ppm", [core.pd_ppm for core in cores], dtype=pl.Int64),
        pl.Series("points", [core.points for core in cores], dtype=pl.Int64),
        pl.Series("policy_hash", [core.policy_hash for core in cores], dtype=pl.String),
    ]


def ensure_tables(platform: Platform) -> None:
    """Create the tables of this stage, empty, so that a book without requests has them too."""
    from models.assessment import BUREAU, CHECKS_SCHEMA
    from models.features import contract, fingerprints
    from models.scores import scoring

    head = {"tenant_id": "text"}
    with platform.warehouse.open() as connection:
        for name, columns in {
            "features.payment_behaviour": {
                **head,
                "receivable_id": "text",
                "as_of": "timestamptz",
                "feature_hash": "text",
                **dict.fromkeys((*contract.FEATURES, *BUREAU), "bigint"),
            },
            "features.receivable_fingerprints": {
                **head,
                **dict.fromkeys(fingerprints.SCHEMA, "text"),
            },
            "scores.receivable_scores": {
                **head,
                **{name: _sql_type(kind) for name, kind in scoring.SCHEMA.items()},
                "grade": "bigint",
                "pd_ppm": "bigint",
                "points": "bigint",
                "policy_hash": "text",
            },
            "decisions.checks": {
                **{name: _sql_type(kind) for name, kind in CHECKS_SCHEMA.items()},
                "decision_id": "text",
                '"check"': "text",
            },
        }.items():
            connection.execute(f"create schema if not exists {name.split('.')[0]}")
            listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"create table if not exists {name} ({listed})")


def _sql_type(kind: object) -> str:
    import polars as pl

    if isinstance(kind, pl.List):
        return f"{_sql_type(kind.inner)}[]"
    return "bigint" if kind == pl.Int64() else "text"
