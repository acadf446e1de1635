"""HTTP doors for client systems: what arrives becomes a command in the ledger."""
