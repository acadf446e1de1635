"""The system of record: append-only entries, proofs, reservations and the queue.

    command, decision, payment …                        verify.py (a process of its own)
              │                                                  │ reads stored values
              ▼                                                  ▼
    store.py  Ledger.transaction ──► entries ──► merkle tree ──► checkpoint.py (kept outside)
              ├─ reservations.py     exposure and fingerprints: nothing is taken twice
              ├─ projections.py      current state, folded from entries
              └─ queue.py            what is to be done, claimed with a lease

One transaction of one database holds all of it. Keys are in ``keys.py``, private payloads in
``vault.py``, connections of tenants in ``connections.py``.
"""
