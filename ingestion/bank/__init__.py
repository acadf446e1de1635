"""Reading from banks: accounts, balances, transactions."""
