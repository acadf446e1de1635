"""Metrics for whoever watches over the platform: one small server, nothing stored twice.

    ledger entries ─► tally      decisions, payments, durations; counted on, never recounted
    ledger database ─► queue, heartbeats          ┐
    latest snapshot ─► syncs, quarantine          ├─► collector ─► /metrics   (Prometheus)
    var/ ─► writer's lock, sizes, backups         ┘             └► /readyz    (is it working)
                                                       /healthz (does this process answer)

No process is instrumented: what is shown is what the platform itself goes by, so a process that
died shows as a heartbeat that grows old and not as a metric that is missing. Labels are ids and
codes, never names.
"""
