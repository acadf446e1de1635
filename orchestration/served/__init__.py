"""What the worker does for each kind of command: one ``serve(platform, task)`` per kind.

A page or a client system appends a ``command`` entry and, in the same transaction, enqueues a task
of the same kind; the worker finds the function by the kind (`dispatch.SERVED`), calls it, and
appends what it gives back as the ``command_status`` entry of the command, in the transaction that
completes the task::

    with ledger.transaction() as tx:
        tx.append(Entry("command", tenant_id, now, actor, (command_id, …), {**payload, …}))
        tx.enqueue("command.dead_letter_replayed", tenant_id, key, payload)

``payload`` holds ``command_id`` (also the key of the entry) and what the kind needs:

==================================  ============================================================
kind                                payload besides ``command_id``
==================================  ============================================================
``command.invoice_submitted``       ``connection_id, record_id``
``command.score_requested``         ``connection_id, record_id``; assesses and decides nothing
``command.assess_requested``        ``sha256, name, currency, as_of``
``command.quarantine_corrected``    ``quarantine_id``; the corrected bytes are the private part of
                                    the command entry (``subject_key_id=quarantine_id``)
``command.dead_letter_replayed``    ``task_id``; the dead letter's ``idempotency_key`` is among
                                    the subjects of the command entry
``command.dead_letter_closed``      ``task_id, reason``; subjects as above
==================================  ============================================================

The status is ``done``, ``refused`` (with ``reason``) or ``waiting``: money moves when a second
person asks for the same; their command carries both out. Failures that may pass are tried again
with growing waits; the command then stays ``queued``.
"""
