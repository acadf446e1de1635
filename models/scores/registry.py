"""Stored models: canonical JSON, hashes, and the card people read.

No pickle: a stored model is data that any language can evaluate, and loading one runs no code. The
record carries the hash of the training data, the figures measured on data not trained on, and the
names of the baselines it was held against.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

from models.domain.canonical import canonical_json, sha256_hex
from models.domain.errors import InvalidModel
from models.scores.card import Attribute, Card
from models.scores.ensemble import Ensemble, Tree
from models.scores.scoring import ScoreModels

FORM = 1


@dataclass(frozen=True)
class ModelRecord:
    """A published set of models.

    Attributes:
        models: The models, with their hashes.
        trained_as_of: Knowledge time of the training, ISO.
        data_hash: Hash of the training examples.
        examples: Number of training examples.
        metrics: Measured figures, integers and texts only.
    """

    models: ScoreModels
    trained_as_of: str
    data_hash: str
    examples: int
    metrics: Mapping[str, Any]

    def dump(self) -> bytes:
        """Write the record as canonical JSON."""
        return canonical_json(
            {
                "form": FORM,
                "models": _parts(self.models),
                "trained_as_of": self.trained_as_of,
                "data_hash": self.data_hash,
                "examples": self.examples,
                "metrics": dict(self.metrics),
            }
        )

    @property
    def digest(self) -> str:
        """Lower-hex SHA-256 of the stored form."""
        return sha256_hex(self.dump())

    @classmethod
    def load(cls, data: bytes) -> ModelRecord:
        """Read a record.

        Raises:
            InvalidModel: The bytes are no record of this form.
        """
        try:
            stored = json.loads(data)
            if stored["form"] != FORM:
                raise InvalidModel(f"form {stored['form']!r} is unknown, {FORM} expected")
            return cls(
                models=hashed(_models(stored["models"])),
                trained_as_of=str(stored["trained_as_of"]),
                data_hash=str(stored["data_hash"]),
                examples=int(stored["examples"]),
                metrics=stored["metrics"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidModel(f"not a stored model: {error!r}") from error


def dump(record: ModelRecord) -> bytes:
    """Write a record as canonical JSON; its SHA-256 names it."""
    return record.dump()


def load(data: bytes) -> ScoreModels:
    """Read the models of a stored record.

    Raises:
        InvalidModel: The bytes are no record of this form.
    """
    return ModelRecord.load(data).models


def hashed(models: ScoreModels) -> ScoreModels:
    """Set each model's hash from its own stored form."""
    parts = _parts(models)
    named = {
        "payment_lateness": parts["lateness"],
        "debtor_default": parts["default"],
        "payment_lateness_challenger": parts["challenger"]
        and [parts["challenger"], parts["challenger_scale"]],
        "days_to_pay": parts["days_to_pay"],
    }
    present = {name: part for name, part in named.items() if part is not None}
    return replace(models, hashes={n: sha256_hex(canonical_json(p)) for n, p in present.items()})


def data_hash(examples: pl.DataFrame) -> str:
    """Hash training examples, whatever the order of rows and columns."""
    names = sorted(examples.columns)
    rows = examples.select(names).sort("receivable_id").select(pl.all().cast(pl.String))
    joined = rows.select(pl.concat_str(pl.all().fill_null("\x00"), separator="\x1f").alias("line"))[
        "line"
    ]
    return sha256_hex("\x1e".join([*names, *joined.to_list()]).encode())


def _parts(models: ScoreModels) -> dict[str, Any]:
    days = models.days_to_pay
    return {
        "lateness": asdict(models.lateness),
        "default": asdict(models.default),
        "challenger": asdict(models.challenger) if models.challenger else None,
        "challenger_scale": list(models.challenger_scale),
        "days_to_pay": [asdict(e) for e in days] if days else None,
    }


def _models(parts: Mapping[str, Any]) -> ScoreModels:
    days = parts["days_to_pay"]
    offset, factor = parts["challenger_scale"]
    return ScoreModels(
        lateness=_card(parts["lateness"]),
        default=_card(parts["default"]),
        challenger=_ensemble(parts["challenger"]) if parts["challenger"] else None,
        challenger_scale=(int(offset), int(factor)),
        days_to_pay=(_ensemble(days[0]), _ensemble(days[1]), _ensemble(days[2])) if days else None,
    )


def _card(stored: Mapping[str, Any]) -> Card:
    lines = [
        Attribute(
            feature=a["feature"],
            knots=tuple(a["knots"]),
            points=tuple(a["points"]),
            missing=a["missing"],
            neutral=a["neutral"],
            reason=a["reason"],
        )
        for a in stored["attributes"]
    ]
    return Card(
        name=stored["name"],
        target=stored["target"],
        origin=stored["origin"],
        start=stored["start"],
        attributes=tuple(lines),
        notes=tuple(stored["notes"]),
    )


def _ensemble(stored: Mapping[str, Any]) -> Ensemble:
    trees = [Tree(**{name: tuple(column) for name, column in t.items()}) for t in stored["trees"]]
    return Ensemble(
        features=tuple(stored["features"]),
        baseline=stored["baseline"],
        trees=tuple(trees),
        depth=stored["depth"],
    )
