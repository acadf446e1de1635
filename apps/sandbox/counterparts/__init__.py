"""The stand-ins a client talks to: ledger software, bureau, bank, mail server, webhook receiver."""
