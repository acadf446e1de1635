"""What each arrow of the line does, as plain functions on a ``Platform``; no Dagster in here."""
