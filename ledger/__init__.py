"""The system of record: append-only entries, proofs, reservations and the queue."""
