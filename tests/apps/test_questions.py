"""Questions asked of a snapshot, held against the rows it was written from."""

from collections.abc import Callable

from apps import questions
from apps.warehouse import Snapshot
from tests.apps.published_world import World

OpenFor = Callable[[str], Snapshot]


def test_the_book_is_the_sum_of_open_receivables(open_for: OpenFor, world: World):
    owed: dict[str, int] = {}
    for row in world.book.receivables:
        if row["tenant_id"] == "alder" and row["open_minor"]:
            owed[row["currency"]] = owed.get(row["currency"], 0) + row["open_minor"]
    books = questions.books(open_for("alder"))
    assert {book.currency: book.open_minor for book in books} == owed
    assert all(0 < book.past_due_minor < book.open_minor for book in books)


def test_ageing_lists_every_bucket_and_adds_up_on_both_bases(open_for: OpenFor):
    snapshot = open_for("alder")
    book = questions.books(snapshot)[0]
    for basis in ("due", "invoice"):
        buckets = questions.ageing(snapshot, book.currency, basis)
        assert len(buckets) == 6
        assert sum(bucket.open_minor for bucket in buckets) == book.open_minor


def test_shares_of_debtors_add_up_to_the_whole(open_for: OpenFor):
    exposures = questions.debtor_exposures(open_for("alder"), "EUR")
    assert (
        sum(item.open_minor for item in exposures)
        == questions.books(open_for("alder"))[0].open_minor
    )
    assert 1_000_000 - len(exposures) <= sum(item.share_ppm for item in exposures) <= 1_000_000
    assert exposures == sorted(exposures, key=lambda item: -item.open_minor)


def test_private_persons_are_called_by_their_id(open_for: OpenFor):
    labels = [item.label for item in questions.debtor_exposures(open_for("alder"), "EUR")]
    assert any(label.startswith("Private person ") for label in labels)


def test_effective_debtors_of_equal_shares_is_their_number():
    equal = [questions.DebtorExposure(str(n), str(n), None, 10, 0, 250_000, 1) for n in range(4)]
    assert questions.effective_debtors(equal) == 4
    assert questions.effective_debtors([]) is None
