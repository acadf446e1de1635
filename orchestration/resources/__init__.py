"""What assets act through: warehouse, bank, notifier, ledger."""
