"""How debtors pay, as it was known at the time of each request.

    history ──History(…)──► event streams ──measure(requests, as_of)──► one row per request

Only invoices whose settlement was recorded by the request's time count as settled; open invoices
count from the moment they were recorded until their settlement was. Windows of 90 and 365 days run
over the time a settlement became known. Rates of thin histories are drawn towards the tenant's rate
at the time: (late + m · prior) / (n + m) with m = 10; a mean over nothing is missing. Everything is
an integer: rates in parts per million, mean days in thousandths (``mdays``).

Invoices that were annulled (draft, void, reversed) never count; those closed by a credit note only
stop being open. An invoice without a due date is taken as due ``terms_days`` after issue, 30 when
these are unknown too. Definitions: DOMAIN section 8 stage 3, "debtor/pair".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from models.domain.matrix import MISSING, Ints, Matrix
from models.features.asked import DAY, Asked
from models.features.contract import FEATURES
from models.features.history import OVERDUE_EDGES, History
from models.features.streams import Stream, mean, ratio_ppm

WEIGHT = 10
PRIOR_LATE_PPM = 350_000
"""Late rate assumed while a tenant has no settled invoice at all."""

LARGEST_RATIO_PPM = 1_000_000_000


def features(history: pl.DataFrame, requests: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Compute the features of each request as known at ``as_of``.

    Args:
        history: Receivables of the tenant, columns ``contract.HISTORY_COLUMNS``.
        requests: Receivables to describe, columns ``contract.REQUEST_COLUMNS``; a column
            ``decided_at`` overrides ``as_of`` row by row (training looks at many times at once).
        as_of: Knowledge time, UTC.

    Returns:
        One row per request in the given order: ``receivable_id`` and ``contract.FEATURES``.
    """
    found = measure(History(history), requests, as_of)
    return pl.DataFrame([requests["receivable_id"], *found.series()])


def measure(history: History, requests: pl.DataFrame, as_of: datetime) -> Matrix:
    """Compute the same as :func:`features` from an indexed history, as a block."""
    asked = history.ask(requests, as_of)
    found = _Features(history, asked)
    found.settled()
    found.recent()
    found.amounts()
    found.pair()
    found.open()
    found.calendar()
    names = tuple(FEATURES)
    values = np.concatenate([found.columns[name] for name in names])
    return Matrix(names, np.ascontiguousarray(values.reshape(len(names), -1).T))


class _Features:
    """The features of one set of requests, family by family."""

    def __init__(self, history: History, asked: Asked) -> None:
        self.columns: dict[str, Ints] = {}
        self._history = history
        self._asked = asked
        self._ranks: dict[int, Ints] = {}
        self._places: dict[tuple[str, int | None], Ints] = {}

    def _put(self, name: str, values: Ints, empty: npt.NDArray[np.bool_] | None = None) -> None:
        self.columns[name] = values if empty is None else np.where(empty, MISSING, values)

    def _window(self, by: str, days: int | None) -> tuple[Stream, Ints, Ints]:
        """Give a settled stream and the positions of a window that ends now."""
        return self._history.settled[by], self._place(by, days), self._place(by, 0)

    def _place(self, by: str, days: int | None) -> Ints:
        """Give the position in a settled stream so many days ago; its begin without days."""
        found = self._places.get((by, days))
        if found is None:
            stream, key = self._history.settled[by], self._asked.keys[by]
            found = stream.start(key) if days is None else stream.until(key, self._rank(days))
            self._places[by, days] = found
        return found

    def _rank(self, days: int = 0) -> Ints:
        """Give the rank of the requests' time, or of so many days before."""
        found = self._ranks.get(days)
        if found is None:
            found = self._history.timeline.rank(self._asked.at - days * DAY)
            self._ranks[days] = found
        return found

    def settled(self) -> None:
        """Counts, late rates and mean days of the debtor, per window."""
        stream, first, last = self._window("tenant", None)
        n, late = stream.total("n", first, last), stream.total("late", first, last)
        prior = np.where(n > 0, mean(late, n, 1_000_000), PRIOR_LATE_PPM)
        self._put("tenant_late_rate_ppm", prior)
        for window, days in (("all", None), ("365", 365), ("90", 90)):
            stream, first, last = self._window("debtor", days)
            n = stream.total("n", first, last)
            self._put(f"n_paid_{window}", n)
            late = stream.total("late", first, last)
            self._put(f"late_rate_{window}_ppm", _shrunk(late, n, prior))
            for name, value in (("dbt", "beyond"), ("dts", "taken")):
                days_mean = mean(stream.total(value, first, last), n, 1000)
                self._put(f"{name}_mean_{window}_mdays", days_mean, n == 0)
            if days == 365:
                self._spread(stream, first, last, n)
        stream, first, last = self._window("seller", 365)
        n, late = stream.total("n", first, last), stream.total("late", first, last)
        self._put("seller_late_rate_365_ppm", _shrunk(late, n, prior))

    def _spread(self, stream: Stream, first: Ints, last: Ints, n: Ints) -> None:
        taken, squared = stream.total("taken", first, last), stream.total("taken2", first, last)
        variance = np.maximum(n * squared - taken * taken, 0) // np.maximum(n * n, 1)
        deviation = np.sqrt(variance * 1_000_000).astype(np.int64)
        self._put("dts_sd_365_mdays", deviation, n < 2)
        for edge in (15, 30):
            over = mean(stream.total(f"over{edge}", first, last), n, 1_000_000)
            self._put(f"over{edge}_rate_365_ppm", over, n == 0)
        p90 = np.full(len(n), OVERDUE_EDGES[-1] + 1, dtype=np.int64)
        for edge in reversed(OVERDUE_EDGES):
            p90 = np.where(stream.total(f"over{edge}", first, last) * 10 <= n, edge, p90)
        self._put("dbt_p90_365_days", p90, n == 0)
        x, x2 = stream.total("month", first, last), stream.total("month2", first, last)
        xy, y = stream.total("month_beyond", first, last), stream.total("beyond", first, last)
        below = n * x2 - x * x
        slope = (n * xy - x * y) * 1000 // np.maximum(below, 1)
        self._put("dbt_trend_365_mdays", slope, below == 0)

    def recent(self) -> None:
        """The debtor's last payments."""
        stream, begin, last = self._window("debtor", None)
        third, one = np.maximum(begin, last - 3), np.maximum(begin, last - 1)
        n = last - third
        none = n <= 0
        late, beyond = stream.total("late", third, last), stream.total("beyond", third, last)
        self._put("last3_late_rate_ppm", mean(late, n, 1_000_000), none)
        self._put("last3_dbt_mean_mdays", mean(beyond, n, 1000), none)
        self._put("last_dbt_days", stream.total("beyond", one, last), none)
        since = self._asked.at // DAY - stream.total("closed_day", one, last)
        self._put("days_since_last_paid", since, none)

    def amounts(self) -> None:
        """Late share by amount, and the request's size beside what is usual."""
        stream, first, last = self._window("money", 365)
        gross, late = stream.total("gross", first, last), stream.total("gross_late", first, last)
        self._put("late_amount_rate_365_ppm", ratio_ppm(late, gross), gross <= 0)
        for name, by in (("amount_ratio_ppm", "pair"), ("amount_to_book_ppm", "book")):
            stream, first, last = self._window(by, None)
            n, gross = stream.total("n", first, last), stream.total("gross", first, last)
            ratio = ratio_ppm(self._asked.gross, np.maximum(mean(gross, n, 1), 1))
            self._put(name, np.minimum(ratio, LARGEST_RATIO_PPM), (n == 0) | (gross <= 0))

    def pair(self) -> None:
        """The debtor's behaviour towards this seller."""
        stream, first, last = self._window("pair", 365)
        n, late = stream.total("n", first, last), stream.total("late", first, last)
        self._put("pair_n_paid_365", n)
        prior = self.columns["late_rate_365_ppm"]
        self._put("pair_late_rate_365_ppm", _shrunk(late, n, prior))
        taken = mean(stream.total("taken", first, last), n, 1000)
        self._put("pair_dts_mean_365_mdays", taken, n == 0)

    def open(self) -> None:
        """The debtor's other open invoices, the request's own left out."""
        past, at = self._history, self._asked.at
        known, closed, gross, due, starts = (
            past.own(name, self._asked)
            for name in ("known", "closed", "gross_minor", "due", "overdue")
        )
        is_open = (known <= at) & (closed > at)
        is_overdue = is_open & (starts <= at)
        (n,) = self._levels(past.opened, past.closed, "debtor", "n")
        (minor,) = self._levels(past.opened, past.closed, "money", "gross")
        overdue, due_sum = self._levels(past.overdue, past.overdue_closed, "debtor", "n", "due")
        n, overdue = n - is_open, overdue - is_overdue
        due_sum = due_sum - np.where(is_overdue, due, 0)
        self._put("open_n", n)
        self._put("open_minor", minor - np.where(is_open, gross, 0))
        self._put("open_past_due_n", overdue)
        self._put("open_past_due_share_ppm", mean(overdue, n, 1_000_000), n <= 0)
        self._put("open_past_due_mean_mdays", mean(overdue * (at // DAY) - due_sum, overdue, 1000))

    def _levels(
        self, opened: Mapping[str, Stream], closed: Mapping[str, Stream], by: str, *names: str
    ) -> list[Ints]:
        """Give, of each value, what has come and not gone by the request's time."""
        key, now = self._asked.keys[by], self._rank()
        plus, minus = opened[by], closed[by]
        came, gone = ((one.start(key), one.until(key, now)) for one in (plus, minus))
        return [plus.total(name, *came) - minus.total(name, *gone) for name in names]

    def calendar(self) -> None:
        """Terms and the place of the due date in the calendar."""
        asked = self._asked
        self._put("terms_days", asked.due - asked.issued)
        self._put("due_weekday", asked.weekday)
        self._put("due_month_day", asked.month_day)
        self._put("due_month", asked.month)


def _shrunk(bad: Ints, n: Ints, prior_ppm: Ints) -> Ints:
    return (bad * 1_000_000 + WEIGHT * prior_ppm) // (n + WEIGHT)
