"""What an arriving batch of a bank promises; see ``ingestion.expectations``."""

from ingestion.expectations import Suite, amount, currency, filled, like, suite, text, whole

_DAY = r"^\d{4}-\d{2}-\d{2}"

SUITES: tuple[Suite, ...] = (
    suite("bank", "accounts", {"currency": text("currency")}, currency()),
    suite(
        "bank",
        "balances",
        {
            "account": text("account_id"),
            "currency": text("currency"),
            "amount_minor": whole("amount_minor"),
        },
        filled("account"),
        currency(),
        amount("amount_minor", may_be_negative=True),
    ),
    suite(
        "bank",
        "transactions",
        {
            "account": text("account_id"),
            "booked": text("booked_on"),
            "valued": text("value_on"),
            "created": text("created_at"),
            "currency": text("currency"),
            "amount_minor": whole("amount_minor"),
        },
        filled("account"),
        like("booked", _DAY),
        like("valued", _DAY),
        like("created", _DAY),
        currency(),
        amount("amount_minor", may_be_negative=True),
    ),
)
