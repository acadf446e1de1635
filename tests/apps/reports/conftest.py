"""One collected report per session."""

from datetime import date

import pytest

from apps.access.sign_in import demo_user
from apps.reports import monthly_compliance
from apps.reports.document import Report
from apps.warehouse import latest_publication, open_snapshot
from tests.apps.published_world import World


@pytest.fixture(scope="session")
def report(world: World) -> Report:
    """The report of tenant alder on June 2026."""
    with world.ledger() as ledger:
        publication = latest_publication(ledger)
        snapshot = open_snapshot(publication, world.var / "published", demo_user(), "alder")
        return monthly_compliance.collect(snapshot, ledger, date(2026, 6, 17))
