"""The same act has the same key, another act another."""

from models.actions.idempotency import END_TO_END_LENGTH, end_to_end_id, payment_key


def test_a_repeated_payment_keeps_its_key() -> None:
    assert payment_key("d", 100, "EUR", "A") == payment_key("d", 100, "EUR", "A")


def test_any_change_of_a_payment_changes_its_key() -> None:
    keys = {
        payment_key("d", 100, "EUR", "A"),
        payment_key("d", 101, "EUR", "A"),
        payment_key("d", 100, "USD", "A"),
        payment_key("d", 100, "EUR", "B"),
        payment_key("e", 100, "EUR", "A"),
    }
    assert len(keys) == 5


def test_end_to_end_ids_fit_every_scheme() -> None:
    assert len(end_to_end_id("x" * 200)) == END_TO_END_LENGTH
    assert end_to_end_id("a") != end_to_end_id("b")
