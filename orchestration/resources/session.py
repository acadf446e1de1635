"""The platform as a Dagster resource: opened when a run starts, closed when it ends.

While it is open the run's process holds the lock that shows it is alive (`recovery`), and dead
runs of earlier processes are cleared away first.
"""

from collections.abc import Iterator

import dagster as dg

from orchestration import heartbeat, instance, logs, platform, priority, recovery, settings
from orchestration.platform import Platform


@dg.resource(description="The opened platform: warehouse, ledger, bank, notifier, clock.")
def session(context: dg.InitResourceContext) -> Iterator[Platform]:
    """Open the platform for one run."""
    found = settings.load()
    with platform.opened(found) as opened:
        home = opened.places.dagster
        logs.configure(opened.places.logs, level=found.log_level, form=found.log_format)
        instance.prepare(home)
        if context.instance is not None and context.run_id is not None:
            priority.give_way()
            recovery.recover(context.instance, home)
            with (
                recovery.alive(home, context.run_id),
                heartbeat.beating(opened.ledger, "run") as beat,
            ):
                beat.now("running")
                yield opened
        else:
            yield opened
