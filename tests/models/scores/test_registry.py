"""Stored models come back as they went, and their hashes follow their content."""

import dataclasses
import json

import polars as pl
import pytest

from models.domain.errors import InvalidModel
from models.scores.registry import ModelRecord, data_hash, dump, hashed, load
from models.scores.scoring import ScoreModels


@pytest.fixture
def record(trained: ScoreModels, examples: pl.DataFrame) -> ModelRecord:
    return ModelRecord(hashed(trained), "2026-06-30", data_hash(examples), len(examples), {"a": 1})


def test_a_record_survives_storage(record: ModelRecord) -> None:
    again = ModelRecord.load(record.dump())
    assert again == record
    assert again.digest == record.digest
    assert load(dump(record)) == record.models


def test_stored_models_score_the_same(record: ModelRecord, examples: pl.DataFrame) -> None:
    assert load(dump(record)).score(examples).equals(record.models.score(examples))


def test_a_changed_point_changes_the_hash(record: ModelRecord) -> None:
    card = record.models.lateness
    moved = dataclasses.replace(
        record.models, lateness=dataclasses.replace(card, start=card.start + 1)
    )
    hashes = hashed(moved).hashes
    assert hashes["payment_lateness"] != record.models.hashes["payment_lateness"]
    assert hashes["debtor_default"] == record.models.hashes["debtor_default"]


def test_absent_models_have_no_hash() -> None:
    assert set(hashed(ScoreModels.expert()).hashes) == {"payment_lateness", "debtor_default"}


def test_the_data_hash_ignores_order_and_sees_values(examples: pl.DataFrame) -> None:
    shuffled = examples.sample(fraction=1.0, shuffle=True, seed=2).select(
        reversed(examples.columns)
    )
    changed = examples.with_columns(is_late=1 - pl.col("is_late"))
    assert data_hash(shuffled) == data_hash(examples)
    assert data_hash(changed) != data_hash(examples)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"form":9}', b'{"form":1}'])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidModel):
        ModelRecord.load(data)


def test_a_record_is_readable_json(record: ModelRecord) -> None:
    stored = json.loads(record.dump())
    assert stored["examples"] == 1500
    assert stored["models"]["lateness"]["origin"] == "trained"
