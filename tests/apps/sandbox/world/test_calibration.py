"""The constants are what the real files give, and the world comes out close to them."""

from __future__ import annotations

import json
import sqlite3

import pytest

from apps.sandbox.world.calibration import (
    CONCENTRATION,
    DELAY,
    Settled,
    measure_concentration,
    measure_delay,
    read_open_items,
    read_settled,
)
from apps.sandbox.world.figures import measure_world


@pytest.mark.shared_data
def test_delay_constants_are_those_of_the_settled_sample(shared_data):
    path = shared_data / "receivables" / "ibm_accounts_receivable.csv"
    assert measure_delay(read_settled(path)) == DELAY


@pytest.mark.shared_data
def test_concentration_constants_are_those_of_the_open_items(shared_data):
    path = shared_data / "receivables" / "open_items_sap_export.csv"
    assert measure_concentration(read_open_items(path)) == CONCENTRATION


def test_delay_figures_of_a_small_sample():
    sample = [
        Settled("a", -2, is_disputed=False),
        Settled("a", 4, is_disputed=True),
        Settled("b", 8, is_disputed=False),
    ]
    figures = measure_delay(sample)
    assert figures.late_rate == pytest.approx(2 / 3, abs=1e-4)
    assert figures.late_median_days == 6.0
    assert figures.dispute_shift_days == 1.0


def test_shares_of_a_small_book():
    figures = measure_concentration([("a", 60.0), ("b", 30.0), ("c", 10.0)])
    assert figures.top1_share == 0.6
    assert figures.top10_share == 1.0
    assert figures.herfindahl == pytest.approx(0.46)


def test_a_default_world_is_as_late_and_as_concentrated_as_real_books(default_world):
    world = measure_world(default_world / "world.sqlite")
    assert world.delay.late_rate == pytest.approx(DELAY.late_rate, abs=0.07)
    assert world.delay.mean_days == pytest.approx(DELAY.mean_days, abs=2.5)
    assert world.delay.sd_days == pytest.approx(DELAY.sd_days, abs=2.0)
    assert world.delay.late_p90_days == pytest.approx(DELAY.late_p90_days, abs=5)
    assert world.concentration.top10_share == pytest.approx(CONCENTRATION.top10_share, abs=0.09)
    assert world.concentration.top20_share == pytest.approx(CONCENTRATION.top20_share, abs=0.09)


def test_the_world_trades_in_currencies_of_other_exponents(default_world):
    database = sqlite3.connect(default_world / "world.sqlite")
    wanted = "select json_extract(payload, '$.CurrencyCode'), payload from records where entity = 0"
    found = dict(database.execute(wanted).fetchall())
    database.close()
    assert {"EUR", "GBP", "USD", "JPY", "KWD"} <= set(found)
    yen, dinar = (json.loads(found[c], parse_float=str)["Total"] for c in ("JPY", "KWD"))
    assert yen.endswith(".00")
    assert len(dinar.split(".")[1]) == 3
