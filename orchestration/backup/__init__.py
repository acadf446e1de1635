"""Backup and restore: what it takes to go on after everything under ``var/`` is gone.

    writer lock ┬─ ledger: one consistent copy ─┐ first, so that everything it names
                └─ warehouse: checkpoint + copy │ exists when it is copied after it
    snapshots, models, proofs, inbox, mappings ─┤
    keys, encrypted under a passphrase ─────────┴─► manifest: every hash, size, root, checkpoint

``creation`` takes a backup, ``inspection`` holds one against its manifest, ``restoring`` brings one
back, ``shelf`` finds and counts them. What is left out can be made again or is not ours: logs,
dbt's target, dlt's working folder.
"""
