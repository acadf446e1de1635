"""The bank: accounts, balances and transactions, paged, incremental, exact."""

import json
from decimal import Decimal

import pytest

from ingestion.bank import api
from ingestion.connection import Connection
from ingestion.quarantine import Unlandable

DESCRIBE = {entity.name: entity.describe for entity in api.ENTITIES}


def transaction(number, account="a-1", **more):
    return {
        "id": f"t-{number}",
        "account_id": account,
        "booked_on": "2026-06-01",
        "value_on": "2026-06-01",
        "amount_minor": 12345,
        "currency": "EUR",
        "created_at": f"2026-06-{number % 28 + 1:02d}T10:00:00Z",
        **more,
    }


@pytest.fixture
def book():
    """What the bank holds: transactions by account."""
    return {"a-1": [transaction(number) for number in range(7)], "a-2": []}


@pytest.fixture
def bank(serve, reply, book):
    def answer(request):
        parts = request.path.strip("/").split("/")
        if len(parts) == 2:
            found = [{"id": name, "currency": "EUR", "iban": "X"} for name in book]
        elif parts[-1] == "balances":
            found = [
                {"account_id": parts[2], "type": "booked", "amount_minor": 5, "currency": "EUR"}
            ]
        else:
            since = request.query.get("from", "")
            found = [one for one in book[parts[2]] if one["created_at"] >= since]
        start = int(request.query.get("cursor", 0))
        end = start + int(request.query["limit"])
        body = {"data": found[start:end], "next_cursor": str(end) if end < len(found) else None}
        return reply(200, json.dumps(body).encode())

    return serve(answer)


@pytest.fixture
def account(bank):
    options = {"page_size": 3, "backoff_seconds": 0.01, "requests_per_minute": 6000}
    return Connection("alder", "bank", "bank", base_url=bank.url, options=options)


def of(report, entity):
    (found,) = [one for one in report.entities if one.entity == entity]
    return found


def test_everything_lands_over_many_pages(sync, account, rows):
    report = sync(account)

    assert [of(report, name).landed for name in ("accounts", "balances", "transactions")] == [
        2,
        2,
        7,
    ]
    assert of(report, "transactions").pages == 4
    assert rows("select currency, record_count, amount_text from raw_sync.control_totals") == [
        ("EUR", 7, "864.15")
    ]


def test_only_what_is_new_is_asked_for_with_an_overlap(sync, account, bank, book):
    sync(account)
    bank.requests.clear()
    book["a-1"].append(transaction(20))

    report = sync(account, hours=1)

    (asked,) = {one.query.get("from") for one in bank.asked("transactions")}
    assert asked == "2026-05-31"
    assert of(report, "transactions").landed == 1


def test_a_new_accounts_past_is_not_missed(sync, account, book):
    sync(account)
    book["a-3"] = [transaction(99, "a-3", created_at="2025-01-01T00:00:00Z")]

    report = sync(account, hours=1)

    assert of(report, "transactions").landed == 1


def test_only_the_accounts_asked_for_are_read_and_keep_their_place(sync, account, bank, rows):
    from dataclasses import replace

    one = replace(account, options={**account.options, "account_ids": ["a-2"]})
    sync(one)

    assert rows("select record_id, position from raw_bank.accounts") == [("a-2", 1)]
    assert {request.path.split("/")[3] for request in bank.asked("transactions")} == {"a-2"}


def test_a_closed_account_is_a_deletion(sync, account, book, rows):
    sync(account)
    del book["a-2"]
    sync(account, hours=1)

    found = rows("select record_id, is_deleted from raw_bank.accounts order by fetched_at, 1")
    assert found == [("a-1", False), ("a-2", False), ("a-2", True)]


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (12345, "EUR", "123.45"),
        (12345, "JPY", "12345"),
        (12345, "KWD", "12.345"),
        (-5, "EUR", "-0.05"),
    ],
)
def test_minor_units_are_written_exactly(minor, currency, amount):
    record = json.dumps(transaction(1, amount_minor=minor, currency=currency)).encode()

    assert DESCRIBE["transactions"](record).amount == Decimal(amount)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount_minor": 12.5}, "shape_changed"),
        ({"amount_minor": 10**15}, "amount_too_large"),
        ({"currency": "euro"}, "currency_unknown"),
    ],
)
def test_what_cannot_be_kept_exactly_is_refused(change, reason):
    with pytest.raises(Unlandable) as caught:
        DESCRIBE["transactions"](json.dumps(transaction(1, **change)).encode())
    assert (caught.value.reason_code, caught.value.record_id) == (reason, "t-1")


def test_the_sandbox_bank_lands_whole(sandbox, world_connections, sync, rows):
    report = sync(*world_connections(sandbox, "bank"))

    assert report.is_ok, report
    assert of(report, "transactions").landed > 0
    assert sync(*world_connections(sandbox, "bank"), hours=1).total("landed") == 0


def test_what_hangs_on_accounts_that_were_not_listed_says_so_and_heals(sync, account, bank, reply):
    bank.faults += [("accounts", reply(500))] * 5

    failed = sync(account)
    healed = sync(account, hours=1)

    assert [one.status for one in failed.entities] == ["failed"] * 3
    assert "accounts were not read" in of(failed, "transactions").cause
    assert healed.is_ok
    assert of(healed, "transactions").landed == 7


def test_what_an_account_that_cannot_be_told_holds_is_called_missing(sync, account, bank, reply):
    body = b'{"data": [{"id": "a-2", "currency": "EUR"}, {"number": "a-1"}], "next_cursor": null}'
    bank.faults.append(("accounts", reply(200, body)))

    report = of(sync(account), "transactions")

    assert report.status == "partial"
    assert "1 accounts could not be told" in report.cause
    assert of(sync(account, hours=1), "transactions").landed == 7


def test_a_bank_without_transactions_is_read_again_and_again(sync, account, book):
    book.clear()

    assert sync(account).is_ok
    assert sync(account, hours=1).is_ok


def test_a_list_that_no_longer_says_whether_it_goes_on_is_no_whole_list(sync, account, bank, reply):
    bank.faults.append(("transactions", reply(200, b'{"data": [], "nextCursor": "3"}')))

    report = of(sync(account), "transactions")

    assert (report.status, report.cursor) == ("partial", None)
    assert of(sync(account, hours=1), "transactions").landed == 7


@pytest.mark.parametrize("stamp", ["2026-06-01T10:00:00", "yesterday"])
def test_a_stamp_without_a_zone_is_refused(stamp):
    with pytest.raises(Unlandable, match="created_at"):
        DESCRIBE["transactions"](json.dumps(transaction(1, created_at=stamp)).encode())


def test_a_balance_without_its_amount_is_refused():
    """It is named as it would have landed, so that the next good one closes it."""
    record = b'{"account_id": "a-1", "type": "booked", "currency": "EUR", "amountMinor": 5}'
    with pytest.raises(Unlandable, match="amount_minor") as caught:
        DESCRIBE["balances"](record)
    sound = DESCRIBE["balances"](record.replace(b"amountMinor", b"amount_minor"))
    assert caught.value.record_id == sound.record_id == "a-1/EUR/booked"
