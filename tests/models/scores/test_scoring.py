"""Scores come in order, with at most four reasons, and alone as in company."""

import polars as pl
import pytest

from models.scores.scoring import REASONS_SHOWN, SCHEMA, ScoreModels


@pytest.fixture(params=["expert", "trained"])
def models(request: pytest.FixtureRequest, trained: ScoreModels) -> ScoreModels:
    return trained if request.param == "trained" else ScoreModels.expert()


def test_a_row_alone_equals_itself_in_company(models: ScoreModels, examples: pl.DataFrame) -> None:
    together = models.score(examples)
    assert dict(together.schema) == SCHEMA
    for place in (0, 7, 1499):
        alone = models.score(examples[place : place + 1])
        assert alone.equals(together[place : place + 1])


def test_quantiles_of_days_do_not_cross(models: ScoreModels, examples: pl.DataFrame) -> None:
    scored = models.score(examples)
    assert (scored["days_to_pay_p10"] <= scored["days_to_pay_p50"]).all()
    assert (scored["days_to_pay_p50"] <= scored["days_to_pay_p90"]).all()
    assert (scored["days_to_pay_p10"] >= 0).all()


def test_reasons_are_ranked_by_points_lost(models: ScoreModels, examples: pl.DataFrame) -> None:
    for codes, lost in (
        models.score(examples[:200]).select("reason_codes", "reason_points_lost").iter_rows()
    ):
        assert len(codes) == len(set(codes)) == len(lost) <= REASONS_SHOWN
        assert lost == sorted(lost, reverse=True)
        assert all(cost >= 1 for cost in lost)


def test_probabilities_are_parts_per_million(models: ScoreModels, examples: pl.DataFrame) -> None:
    scored = models.score(examples)
    for name in ("late_ppm", "challenger_late_ppm", "default_ppm"):
        assert scored[name].is_between(0, 1_000_000).all()


def test_bureau_reports_move_the_default_card(examples: pl.DataFrame) -> None:
    weak, strong = (
        ScoreModels.expert().score(
            examples[:1].with_columns(failure_percentile=pl.lit(p), paydex=pl.lit(50))
        )["default_ppm"][0]
        for p in (2, 95)
    )
    assert weak > strong


def test_without_rows_there_are_no_scores(models: ScoreModels, examples: pl.DataFrame) -> None:
    assert models.score(examples[:0]).is_empty()
